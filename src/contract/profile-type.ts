import type { AttributeType, Channel } from './profile.ts'

export interface AttributeDefinition {
  name: string
  type: AttributeType
  importable: boolean
}

/** An attribute whose value is the key of a profile of another type. */
export interface LinkDefinition {
  attribute: string
  targetType: string
}

/** A named set of attribute and link definitions; both lists in order of name. */
export interface ProfileType {
  name: string
  attributes: AttributeDefinition[]
  links: LinkDefinition[]
}

export interface ExtensionType {
  channel: Channel
  name: string
}

/** A wrong request: where in the input, and what to do about it. */
export interface InputIssue {
  path: string[]
  message: string
}

export interface ProfileTypeDefinitionInput {
  name: string
  /** null keeps what is; a new attribute is STRING and importable. */
  attributes: { name: string; type?: AttributeType | null; importable?: boolean | null }[]
  links: LinkDefinition[]
}

/** The profile and extension types of the local store. */
export interface ProfileTypeStore {
  /** `contact` first, then by name. */
  list(tenant: string): Promise<ProfileType[]>
  extensionTypes(tenant: string): Promise<ExtensionType[]>
  /** Creates the extension type unless it is there, and answers what is wrong with it; nothing is done then. */
  defineExtensionType(tenant: string, type: ExtensionType): Promise<InputIssue[]>
  /** Creates or extends a type; nothing of it is done if any part is wrong. */
  define(
    tenant: string,
    input: ProfileTypeDefinitionInput,
  ): Promise<{ ok: true; profileType: ProfileType } | { ok: false; issues: InputIssue[] }>
}
