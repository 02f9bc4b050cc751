import type { RemoteAdapter, VendorAnswer, VendorCall } from '../../src/contract/adapter.ts'
import type { RecordFate } from '../../src/contract/outcome.ts'
import {
  channels,
  type JsonValue,
  linkPolicies,
  matchingModes,
  type ProfileRecord,
  upsertModes,
} from '../../src/contract/profile.ts'

export interface SeenCall {
  kind: 'submit' | 'resume'
  keys: (string | undefined)[]
  repeated: boolean
  ticket: JsonValue
  /** On performance.now(). */
  startedAt: number
  endedAt: number | null
}

export type Script = (
  call: VendorCall<ProfileRecord>,
  seen: SeenCall,
  place: number,
) => Promise<VendorAnswer> | VendorAnswer

export interface ScriptedAdapter extends RemoteAdapter<ProfileRecord> {
  /** What a call comes to; by default everything is UPSERTED. */
  script: Script
  readonly calls: SeenCall[]
  /** Most calls in flight at once so far. */
  readonly peak: () => number
}

export interface ScriptedOptions {
  name?: string
  lane?: string
  maxBatchSize?: number
  minIntervalMs?: number
  maxConcurrency?: number
  patience?: Partial<RemoteAdapter['patience']>
}

export const upserted: RecordFate = { outcome: 'UPSERTED' }

export const settledAll = ({ records }: VendorCall<ProfileRecord>): VendorAnswer => ({
  kind: 'settled',
  fates: records.map(() => upserted),
})

/** Short times, so that nobody waits for a test. */
const hasty = { timeoutMs: 2000, retryBaseMs: 10, pollIntervalMs: 20, pollTimeoutMs: 5000, giveUpAfterSeconds: 60 }

let lanes = 0

/**
 * A vendor whose answers a test writes. It identifies by key (FILTER by anything), folds by merging, keeps records with a `gender` apart from
 * those without (two shapes), and takes sending again for harmless unless CREATE_ONLY, FILTER or newKey say otherwise. Its lane is its own.
 */
export function createScriptedAdapter(options: ScriptedOptions = {}): ScriptedAdapter {
  const { name = 'scripted', maxBatchSize = 10, minIntervalMs = 0, maxConcurrency = 1 } = options
  lanes += 1
  const calls: SeenCall[] = []
  let flying = 0
  let peak = 0
  const adapter: ScriptedAdapter = {
    kind: 'remote',
    name,
    lane: options.lane ?? `lane ${lanes} of ${process.pid}`,
    capabilities: {
      profiles: {
        matching: matchingModes,
        upsert: upsertModes,
        linkPolicy: linkPolicies,
        channels,
        options: ['newKey', 'nulls', 'skipInvalidExtensions'],
        maxBatchSize,
        minIntervalMs,
        maxConcurrency,
        source: 'this test',
      },
      extensions: null,
    },
    patience: { ...hasty, ...options.patience },
    maxBatchBytes: 1_000_000,
    script: settledAll,
    calls,
    peak: () => peak,
    async preparer() {
      return {
        ok: true,
        prepare: (record) =>
          record.key?.startsWith('refused-')
            ? { ok: false, errors: [{ code: 'INVALID_VALUE', message: 'refused beforehand', field: 'key' }] }
            : { ok: true, value: record, warnings: [] },
      }
    },
    travel: ({ matching }, record) => ({
      shape: record.newKey !== undefined ? 'rename' : record.gender === undefined ? 'plain' : 'gendered',
      matchValue: matching === 'FILTER' ? null : (record.key ?? ''),
      ...(record.newKey !== undefined && { alsoMatches: [record.newKey] }),
      bytes: 100,
    }),
    fold: (_options, earlier, later) => (earlier.gender === later.gender ? { ...earlier, ...later } : null),
    isRepeatable: ({ upsert, matching }, records) =>
      upsert !== 'CREATE_ONLY' && matching !== 'FILTER' && records.every((record) => record.newKey === undefined),
    submit: (call) => play('submit', null, call),
    resume: (ticket, call) => play('resume', ticket, call),
  }

  async function play(kind: SeenCall['kind'], ticket: JsonValue, call: VendorCall<ProfileRecord>) {
    const seen: SeenCall = {
      kind,
      ticket,
      keys: call.records.map((record) => record.key),
      repeated: call.repeated,
      startedAt: performance.now(),
      endedAt: null,
    }
    calls.push(seen)
    flying += kind === 'submit' ? 1 : 0
    peak = Math.max(peak, flying)
    try {
      return await adapter.script(call, seen, calls.length - 1)
    } finally {
      flying -= kind === 'submit' ? 1 : 0
      seen.endedAt = performance.now()
    }
  }

  return adapter
}
