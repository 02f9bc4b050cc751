import type { DestinationRegistry, RemoteAdapter } from '../contract/adapter.ts'
import type { Database } from '../db/database.ts'
import {
  type LaneDestination,
  lockLane,
  moveToLane,
  notifyLane,
  readBusyDestinations,
  readForsaken,
  tellWhyWaiting,
} from '../db/lanes.ts'
import type { Bell } from './bell.ts'
import type { Log } from './log.ts'
import { settleAbandoned } from './settle-held.ts'

export interface MovedParts {
  database: Database
  registry: DestinationRegistry
  log: Log
  /** Ends it. */
  stopping: Bell
}

const lookAgainMs = 30_000

/** The adapter of a delivery to a vendor, if it is configured here. */
export function remoteOf(
  registry: DestinationRegistry,
  tenant: string,
  id: string,
  adapter: string,
): RemoteAdapter | null {
  const found = registry.find(tenant, id)?.adapter
  return found?.kind === 'remote' && found.name === adapter ? found : null
}

/** The destination's unfinished deliveries go on by the pace of its own account. Nothing is begun on the lane that they leave meanwhile. */
export async function moveDeliveries(database: Database, destination: LaneDestination, to: string): Promise<void> {
  await database.transaction(async (transaction) => {
    await lockLane(transaction, destination.lane)
    await moveToLane(transaction, destination, to)
    await notifyLane(transaction, to)
  })
}

/**
 * Looks again and again for unfinished deliveries whose destination is configured otherwise by now: they follow it to its new account. Of those
 * whose destination is gone it says why they wait; what was cancelled of them ends once no other process has been at it for a while.
 */
export async function followDestinations({ database, registry, log, stopping }: MovedParts): Promise<void> {
  async function settleGone(gone: LaneDestination): Promise<void> {
    const reason = `The destination ${JSON.stringify(gone.destinationId)} is not configured: restore it in the configuration and the delivery goes on`
    log.warn(gone, 'deliveries wait for a destination that is not configured here')
    await database.transaction((transaction) => tellWhyWaiting(transaction, gone, reason))
    for (const key of await readForsaken(database, gone)) {
      await database.transaction((transaction) => settleAbandoned(transaction, key, gone.destinationId))
    }
  }

  async function look(): Promise<void> {
    for (const busy of await readBusyDestinations(database)) {
      const adapter = remoteOf(registry, busy.tenant, busy.destinationId, busy.adapter)
      if (adapter?.lane === busy.lane) continue
      if (adapter) await moveDeliveries(database, busy, adapter.lane)
      else await settleGone(busy)
    }
  }

  const begun = stopping.rings
  while (stopping.rings === begun) {
    await look().catch((error: unknown) => {
      if (stopping.rings === begun) log.warn({ error }, 'the destinations of unfinished deliveries could not be read')
    })
    await stopping.wait(lookAgainMs, begun)
  }
}
