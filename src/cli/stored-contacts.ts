import { ProfilesDocument, StoredContactsDocument, type StoredContactsQuery } from './generated/graphql.ts'
import type { GraphqlClient } from './graphql-client.ts'
import type { DestinationId } from './sample.ts'
import type { SandboxProcess } from './sandbox-process.ts'
import { type FieldNames, type StoredContact, type StoredContacts, vendorAccounts } from './vendor-accounts.ts'

/** What one destination really holds, whatever it was said to have become of the import. */
export interface Store extends StoredContacts {
  names: FieldNames
}

type GatewayContact = NonNullable<StoredContactsQuery['profiles']>['nodes'][number]

const pageSize = 1000

/** Reads `local` through the gateway's API, and the vendors behind the gateway's back. */
export async function readStores(
  client: GraphqlClient,
  sandbox: SandboxProcess,
): Promise<ReadonlyMap<DestinationId, Store>> {
  const stores = new Map<DestinationId, Store>([['local', await readLocal(client)]])
  for (const { id, names, read } of vendorAccounts) stores.set(id, { names, ...read(await sandbox.profiles(id)) })
  return stores
}

async function readLocal(client: GraphqlClient): Promise<Store> {
  const contacts: StoredContact[] = []
  let extensions = 0
  for await (const { attributes, ...fields } of gatewayContacts(client)) {
    contacts.push({ ...attributes, ...fields })
    extensions += fields.extensions.length
  }
  const { profiles } = await client.request(ProfilesDocument, { type: 'company', first: 0, count: true })
  return { names: {}, contacts, companies: profiles?.totalCount ?? null, extensions }
}

async function* gatewayContacts(client: GraphqlClient): AsyncGenerator<GatewayContact, void, undefined> {
  let after: string | null = null
  do {
    const { profiles }: StoredContactsQuery = await client.request(StoredContactsDocument, { first: pageSize, after })
    yield* profiles?.nodes ?? []
    after = profiles?.pageInfo.hasNextPage ? profiles.pageInfo.endCursor : null
  } while (after !== null)
}
