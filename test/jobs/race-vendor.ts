import { setTimeout as delay } from 'node:timers/promises'
import type { VendorAnswer } from '../../src/contract/adapter.ts'
import { createScriptedAdapter, type ScriptedAdapter, settledAll, upserted } from '../support/scripted-adapter.ts'
import { fault } from './vendor-stage.ts'

/** What a vendor has done, by key. */
export interface Ledger {
  /** How often it was written. */
  written: Map<string, number>
  /** Those of which the gateway was told so. */
  told: Set<string>
}

/** 0 to 1. */
export type Random = () => number

/** A vendor whose calls end in every way there is, and which writes down what it did. */
export function openVendor(name: string, { written, told }: Ledger, random: Random): ScriptedAdapter {
  const adapter = createScriptedAdapter({
    name,
    maxBatchSize: 150,
    maxConcurrency: name === 'paced' ? 1 : 4,
    minIntervalMs: name === 'paced' ? 5 : 0,
    patience: { timeoutMs: 20_000, retryBaseMs: 2, pollIntervalMs: 5, pollTimeoutMs: 20_000 },
  })
  const tell = (keys: readonly (string | undefined)[]) => {
    for (const key of keys) told.add(String(key))
  }
  const ends = (
    call: Parameters<ScriptedAdapter['script']>[0],
    keys: readonly (string | undefined)[],
  ): VendorAnswer => {
    if (random() < 0.1) {
      tell(keys.slice(0, 3))
      return { kind: 'settled', fates: keys.slice(0, 3).map(() => upserted) }
    }
    if (random() < 0.3) return { kind: 'continued', by: random() < 0.5 ? 'poll' : 'call', ticket: name }
    tell(keys)
    return settledAll(call)
  }
  adapter.script = async (call, { kind, keys }) => {
    await delay(random() * 20)
    if (kind === 'resume') {
      if (random() < 0.2) throw fault(random() < 0.5 ? 'THROTTLED' : 'NO_ANSWER')
      tell(keys)
      return settledAll(call)
    }
    if (random() < 0.06) throw fault('THROTTLED')
    if (random() < 0.06) throw fault('REFUSED_FOR_A_RECORD')
    if (random() < 0.03) throw fault('REFUSED')
    if (random() < 0.04) throw fault('NO_ANSWER')
    for (const key of keys) written.set(String(key), (written.get(String(key)) ?? 0) + 1)
    if (random() < 0.06) throw fault('NO_ANSWER')
    return ends(call, keys)
  }
  return adapter
}
