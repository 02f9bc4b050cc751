import {
  type DocumentNode,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  getOperationAST,
  isInputObjectType,
  isInputType,
  isListType,
  typeFromAST,
} from 'graphql'

const mostNamed = 10
const longestName = 100

const shortened = (name: string) => (name.length > longestName ? `${name.slice(0, longestName)}…` : name)

/** Unknown fields are told this often, then the search ends. */
class Enough extends Error {}

/**
 * Names the fields within an operation's variables that their types do not have, at most ten. graphql finds them too, but prints the whole
 * object for each one: measured with a million of them, it stops the process for two minutes and takes two gigabytes.
 */
export function findUnknownFields(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
  variables: Readonly<Record<string, unknown>>,
): string[] {
  const found: string[] = []

  const search = (value: unknown, type: GraphQLInputType, path: string): void => {
    if (typeof value !== 'object' || value === null) return
    const nullable = getNullableType(type)
    if (isListType(nullable)) {
      if (!Array.isArray(value)) search(value, nullable.ofType, path)
      else if (isInputObjectType(getNamedType(nullable))) {
        value.forEach((item, index) => {
          search(item, nullable.ofType, `${path}[${index}]`)
        })
      }
    } else if (isInputObjectType(nullable)) {
      const fields = nullable.getFields()
      for (const name in value) {
        const field = Object.hasOwn(fields, name) ? fields[name] : undefined
        const member = (value as Record<string, unknown>)[name]
        if (field) {
          if (typeof member === 'object') search(member, field.type, `${path}.${name}`)
        } else {
          found.push(`${path} has the field "${shortened(name)}", which ${nullable.name} does not have`)
          if (found.length >= mostNamed) throw new Enough()
        }
      }
    }
  }

  try {
    for (const { variable, type: node } of getOperationAST(document, operationName)?.variableDefinitions ?? []) {
      const type = typeFromAST(schema, node)
      if (type && isInputType(type)) search(variables[variable.name.value], type, `$${variable.name.value}`)
    }
  } catch (error) {
    if (!(error instanceof Enough)) throw error
  }
  return found
}
