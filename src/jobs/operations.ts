import type { RemoteAdapter, RemoteOperation, StoreAdapter, StoreOperation } from '../contract/adapter.ts'
import type { CallLimits } from '../contract/capability.ts'
import type { JobKind } from '../domain/job-state.ts'

/** What a store does with the records of a kind of job; null: it cannot take them. */
export function storeOperation(adapter: StoreAdapter, kind: JobKind): StoreOperation | null {
  return kind === 'PROFILES' ? adapter : (adapter.extensions ?? null)
}

/** The same of a vendor. */
export function remoteOperation(adapter: RemoteAdapter, kind: JobKind): RemoteOperation | null {
  return kind === 'PROFILES' ? adapter : (adapter.extensions ?? null)
}

/** The limits of that operation; null: the destination cannot take such records. */
export function limitsOf({ capabilities }: StoreAdapter | RemoteAdapter, kind: JobKind): CallLimits | null {
  return kind === 'PROFILES' ? capabilities.profiles : capabilities.extensions
}

export function operationOf(
  adapter: StoreAdapter | RemoteAdapter,
  kind: JobKind,
): StoreOperation | RemoteOperation | null {
  return adapter.kind === 'store' ? storeOperation(adapter, kind) : remoteOperation(adapter, kind)
}
