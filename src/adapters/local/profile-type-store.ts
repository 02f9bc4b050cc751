import type {
  InputIssue,
  LinkDefinition,
  ProfileType,
  ProfileTypeDefinitionInput,
  ProfileTypeStore,
} from '../../contract/profile-type.ts'
import type { Database } from '../../db/database.ts'
import { takeProfileLocks, wholeTenant } from '../../db/profile-locks.ts'
import {
  linkExistingValues,
  readExtensionTypes,
  readProfileTypes,
  writeExtensionType,
  writeProfileType,
} from '../../db/profile-types.ts'

const longestName = 100
const mostAttributes = 1000
/** Names that a JavaScript object cannot carry as an ordinary member. */
const refusedNames = new Set(['__proto__'])
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const unprintable = /[\u0000-\u001f\u007f]/

function nameFault(name: string): string | null {
  if (name.trim() === '' || name !== name.trim()) return 'must not be empty, nor begin or end with a space'
  if (name.length > longestName) return `has ${name.length} characters; at most ${longestName} are allowed`
  if (refusedNames.has(name) || unprintable.test(name) || !name.isWellFormed())
    return 'is not a possible name: choose another'
  return null
}

type Issues = InputIssue[]

function checkAttributes(input: ProfileTypeDefinitionInput, known: ProfileType | undefined, issues: Issues) {
  const seen = new Set<string>()
  input.attributes.forEach((attribute, place) => {
    const path = ['input', 'attributes', String(place)]
    const fault = nameFault(attribute.name)
    if (fault) issues.push({ path: [...path, 'name'], message: `The attribute name ${fault}` })
    if (seen.has(attribute.name)) {
      issues.push({ path: [...path, 'name'], message: `The attribute ${attribute.name} is given twice: keep one` })
    }
    seen.add(attribute.name)
    const stored = known?.attributes.find((one) => one.name === attribute.name)
    if (stored && attribute.type && attribute.type !== stored.type) {
      issues.push({
        path: [...path, 'type'],
        message: `The attribute ${attribute.name} is ${stored.type}, and a type cannot be changed: define another attribute`,
      })
    }
  })
  const total = new Set([...(known?.attributes ?? []).map((one) => one.name), ...seen]).size
  if (total > mostAttributes) {
    issues.push({ path: ['input', 'attributes'], message: `A profile type has at most ${mostAttributes} attributes` })
  }
}

function checkLinks(
  input: ProfileTypeDefinitionInput,
  known: ProfileType | undefined,
  types: readonly ProfileType[],
  issues: Issues,
) {
  const seen = new Set<string>()
  input.links.forEach((link, place) => {
    const path = ['input', 'links', String(place)]
    const issue = (member: string, message: string) => issues.push({ path: [...path, member], message })
    const defined =
      input.attributes.find((one) => one.name === link.attribute) ??
      known?.attributes.find((one) => one.name === link.attribute)
    const type = known?.attributes.find((one) => one.name === link.attribute)?.type ?? defined?.type ?? 'STRING'
    if (seen.has(link.attribute)) issue('attribute', `The link ${link.attribute} is given twice: keep one`)
    seen.add(link.attribute)
    if (!defined) {
      issue('attribute', `The attribute ${link.attribute} is not defined: list it among attributes, as STRING`)
    } else if (type !== 'STRING') {
      issue('attribute', `The attribute ${link.attribute} is ${type}; a link needs a STRING attribute`)
    }
    if (link.targetType !== input.name && !types.some((one) => one.name === link.targetType)) {
      issue('targetType', `There is no profile type ${link.targetType}: define it first`)
    }
    const stored = known?.links.find((one) => one.attribute === link.attribute)
    if (stored && stored.targetType !== link.targetType) {
      issue('targetType', `The link ${link.attribute} leads to ${stored.targetType}, and that cannot be changed`)
    }
  })
}

const isNew = (known: ProfileType | undefined) => (link: LinkDefinition) =>
  !known?.links.some((one) => one.attribute === link.attribute)

/** The profile types of the local store. Definitions wait for running batches and hold up new ones while they are written. */
export function createProfileTypeStore(database: Database): ProfileTypeStore {
  return {
    list: (tenant) => readProfileTypes(database, tenant),
    extensionTypes: (tenant) => readExtensionTypes(database, tenant),
    async defineExtensionType(tenant, type) {
      const fault = nameFault(type.name)
      if (fault) return [{ path: ['input', 'name'], message: `The extension type's name ${fault}` }]
      await writeExtensionType(database, tenant, type)
      return []
    },
    define: (tenant, input) =>
      database.transaction(async (transaction) => {
        await takeProfileLocks(transaction, tenant, wholeTenant)
        const types = await readProfileTypes(transaction, tenant)
        const known = types.find((type) => type.name === input.name)
        const issues: Issues = []
        const fault = nameFault(input.name)
        if (fault) issues.push({ path: ['input', 'name'], message: `The profile type's name ${fault}` })
        checkAttributes(input, known, issues)
        checkLinks(input, known, types, issues)
        if (issues.length > 0) return { ok: false as const, issues }

        const attributes = input.attributes.map(({ name, type, importable }) => {
          const stored = known?.attributes.find((one) => one.name === name)
          return {
            name,
            type: stored?.type ?? type ?? ('STRING' as const),
            importable: importable ?? stored?.importable ?? true,
          }
        })
        const newLinks = input.links.filter(isNew(known))
        await writeProfileType(transaction, tenant, input.name, attributes, newLinks)
        for (const link of newLinks) {
          if (known) await linkExistingValues(transaction, tenant, input.name, link)
        }
        const defined = (await readProfileTypes(transaction, tenant)).find((type) => type.name === input.name)
        if (!defined) throw new TypeError(`the profile type ${input.name} was written and is not there`)
        return { ok: true as const, profileType: defined }
      }),
  }
}
