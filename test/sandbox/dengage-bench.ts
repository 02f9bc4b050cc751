import type { Answer, OpenSandbox } from './open-sandbox.ts'

export const credentials = { userkey: 'dengage-sandbox-user', password: 'dengage-sandbox-password' }

export const logIn = async (sandbox: OpenSandbox): Promise<Record<string, string>> => {
  const { json } = await sandbox.call('/dengage/rest/login', { body: credentials })
  return { authorization: `Bearer ${json.access_token}` }
}

export type Fields = Record<string, unknown>

/** BulkUpsert with the columns of all its records, on a login of its own. */
export const upsert = async (sandbox: OpenSandbox, contactDatas: Fields[], options: Fields = {}): Promise<Answer> =>
  sandbox.call('/dengage/rest/bulk/contacts', {
    headers: await logIn(sandbox),
    body: { columns: columnsOf(contactDatas), contactDatas, ...options },
  })

export const insert = (sandbox: OpenSandbox, ...contactDatas: Fields[]) =>
  upsert(sandbox, contactDatas, { insertIfNotExists: true })

export const upsertExtensions = async (sandbox: OpenSandbox, contactDatas: Fields[], options: Fields = {}) =>
  sandbox.call('/dengage/rest/bulk/contact_extensions', {
    headers: await logIn(sandbox),
    body: { columns: columnsOf(contactDatas), contactDatas, ...options },
  })

export const columnsOf = (records: Fields[]) => [...new Set(records.flatMap((record) => Object.keys(record)))]

export const stored = (sandbox: OpenSandbox, key: string) =>
  sandbox.profiles('dengage').find((contact) => (contact as { contact_key: string }).contact_key === key)
