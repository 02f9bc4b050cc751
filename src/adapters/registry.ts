import type { Destination, DestinationRegistry, RemoteAdapter, StoreAdapter } from '../contract/adapter.ts'

/** A destination as the configuration names it. */
export interface DestinationSettings {
  id: string
  /** The adapter's name. */
  adapter: string
  /** Makes the adapter of a vendor's account; absent at a store. */
  connect?: () => RemoteAdapter
}

export interface RegistryOptions {
  /** The stores, which all tenants share. */
  adapters: readonly StoreAdapter[]
  /** The destinations of each tenant; one that is not listed has `local` alone. */
  destinations: ReadonlyMap<string, readonly DestinationSettings[]>
  /** What every adapter of a vendor is wrapped in, to be counted. */
  wrap?: (adapter: RemoteAdapter) => RemoteAdapter
}

/** Joins the configured destinations with their adapters. Every tenant has `local`, listed or not. Throws on a name that no adapter has. */
export function createRegistry({ adapters, destinations, wrap }: RegistryOptions): DestinationRegistry {
  const byName = new Map(adapters.map((adapter) => [adapter.name, adapter]))
  const remotes: RemoteAdapter[] = []
  const connected = (connect: () => RemoteAdapter): RemoteAdapter => {
    const adapter = connect()
    const remote = wrap ? wrap(adapter) : adapter
    remotes.push(remote)
    return remote
  }
  const destinationOf = (tenant: string, { id, adapter: name, connect }: DestinationSettings): Destination => {
    const adapter = connect ? connected(connect) : byName.get(name)
    if (adapter) return { id, adapter }
    const known = [...byName.keys()].join(', ')
    throw new Error(
      `tenants.${tenant}.destinations: ${JSON.stringify(id)} has no adapter ${JSON.stringify(name)}: use one of ${known}`,
    )
  }
  const local = destinationOf('default', { id: 'local', adapter: 'local' })
  const configured = new Map<string, Map<string, Destination>>()
  for (const [tenant, settings] of destinations) {
    const named = settings
      .filter(({ id }) => id !== local.id)
      .map((setting): [string, Destination] => [setting.id, destinationOf(tenant, setting)])
    configured.set(tenant, new Map([[local.id, local], ...named]))
  }
  const everybody = new Map([[local.id, local]])
  const of = (tenant: string) => configured.get(tenant) ?? everybody
  return {
    all: (tenant) => [...of(tenant).values()],
    find: (tenant, id) => of(tenant).get(id),
    remotes: () => remotes,
  }
}
