import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { UpsertMode } from '../../src/cli/generated/graphql.ts'
import type { VendorSettings } from '../../src/sandbox/vendors.ts'
import {
  type CallFault,
  type Ending,
  expectedEnding,
  type FaultCase,
  isLocal,
  type Manner,
  total,
} from './fault-rules.ts'
import {
  type FaultAccount,
  type FaultReport,
  type FaultRun,
  type FaultStands,
  openFaultStands,
} from './fault-stands.ts'

/** A vendor with all that may go wrong with its calls. */
export interface VendorFaults extends FaultAccount, Manner {
  /** `thoroughly`: every fault in every position; otherwise each in one. */
  modes: readonly { mode: UpsertMode; thoroughly: boolean }[]
  /** That any vendor's calls may meet. */
  faults: readonly CallFault[]
  /** Tried on the second call, each under one mode. */
  ownFaults: readonly CallFault[]
  lastingFaults: readonly CallFault[]
}

export type CaseRun = FaultRun & FaultCase

/** Runs of one kind, with what is expected of each beside what is true of all. */
export interface FaultGroup {
  title: string
  runs: readonly CaseRun[]
  check: (run: CaseRun, report: FaultReport) => void
  /** What meets the fault: a poll; a call unless given. */
  what?: string
}

interface Place {
  mode: UpsertMode
  /** The call that meets the fault, from 1. */
  call: number
  lasts?: boolean
  /** Where calls of another path than the records' meet it. */
  path?: string
  /** The place of the call among those of that path, where it is another. */
  nth?: number
}

export function runOf(account: FaultAccount & Pick<Manner, 'isUnsafe'>, one: CallFault, place: Place): CaseRun {
  const { mode, call, lasts = false, path = account.path, nth = call } = place
  const { isUnsafe = mode === 'CREATE_ONLY' } = account
  // Where each batch ends by itself, nothing is to end before it has had its call.
  const endsByPatience = one.effect === 'again' || (one.effect === 'unclear' && !isUnsafe)
  const lastingPatience = endsByPatience ? 'brief' : 'patient'
  const patience = lasts ? lastingPatience : one.fault.kind === 'delay' ? 'impatient' : 'patient'
  const faults = [{ match: { path, nth, times: lasts ? ('always' as const) : 1 }, fault: one.fault }]
  return { ...one, account, mode, call, lasts, everywhere: false, patience, faults }
}

/** Every fault under every mode, each a job of three calls, with what comes of it by the rules of fault-rules.ts. */
export function vendorFaults(title: string, vendor: VendorFaults): FaultGroup {
  const { modes, faults, ownFaults, lastingFaults } = vendor
  const runs = modes.flatMap(({ mode, thoroughly }) => [
    ...faults.flatMap((one, number) => {
      if (one.exceptUnder?.includes(mode)) return []
      const at = (call: number) => runOf(vendor, one, { mode, call })
      const call = 1 + (number % 3)
      if (!thoroughly || one.isAlike) return [at(call)]
      return isLocal(at(1), vendor) ? [at(call), everywhere(at(1))] : [at(1), at(2), at(3)]
    }),
    ...lastingFaults.map((one, number) => runOf(vendor, one, { mode, call: 1 + (number % 2), lasts: true })),
  ])
  const own = ownFaults.map((one, number) => {
    return runOf(vendor, one, { mode: modes[number % modes.length]?.mode ?? 'CREATE_OR_UPDATE', call: 2 })
  })
  return { title, runs: [...runs, ...own, ...pairsOf(vendor)], check: expectRules(vendor) }
}

export const expectRules = (manner: Manner) => (run: CaseRun, report: FaultReport) =>
  expectEndings(
    report,
    report.endings.map(({ calls }, index) => expectedEnding(run, manner, index, calls)),
  )

/** Each batch meets the fault with its first call: what was never called goes before what is called again. */
function everywhere(run: CaseRun): CaseRun {
  const { account, fault } = run
  return { ...run, everywhere: true, faults: [{ match: { path: account.path, times: 3 }, fault }] }
}

/** The second call is cut off, and its repetition, which comes after all other calls, meets another fault. */
function pairsOf(vendor: VendorFaults): CaseRun[] {
  const all = [...vendor.faults, ...vendor.ownFaults]
  const cutOff = all.filter(({ fault }) => fault.kind === 'drop')
  const following = (['again', 'unclear', 'refused', 'halved', 'ends'] as const).flatMap(
    (effect) => all.find((one) => one.effect === effect && one.fault.kind === 'status') ?? [],
  )
  if (vendor.isUnsafe) return []
  return cutOff.flatMap((first) =>
    following.map((second) => {
      const run = runOf(vendor, second, { mode: 'CREATE_OR_UPDATE', call: 2, nth: 4 })
      const before = { match: { path: vendor.path, nth: 2 }, fault: first.fault }
      const name = `${first.name}, and its repetition ${second.name}`
      return { ...run, first, name, faults: [before, ...run.faults] }
    }),
  )
}

/** Carries the runs of all groups out on sandboxes with these settings, in the order of their tests, and checks each in one of its own. */
export function describeFaults(groups: readonly FaultGroup[], settings: VendorSettings = {}): void {
  const byMode = groups.flatMap((group) =>
    [...Map.groupBy(group.runs, ({ mode }) => mode)].map(([mode, runs]) => ({ ...group, mode, runs })),
  )
  let stands: FaultStands
  beforeAll(async () => {
    stands = await openFaultStands(
      byMode.flatMap(({ runs }) => runs),
      settings,
    )
  })
  afterAll(() => stands.close())

  for (const { title, mode, runs, check, what = 'call' } of byMode) {
    describe(`${title}, under ${mode}, tells what became of each record`, () => {
      test.each(runs.map((run) => [nameOf(run, what), run] as const))(
        '%s',
        async (_, run) => {
          const report = await stands.report(run)
          expectTruth(report)
          check(run, report)
        },
        60_000,
      )
    })
  }
}

function nameOf({ name, call, lasts, everywhere: isEverywhere }: CaseRun, what: string): string {
  if (isEverywhere) return `when the first ${what} of each batch ${name}`
  return lasts ? `when from ${what} ${call} on every one ${name}` : `when ${what} ${call} ${name}`
}

export function expectEndings({ endings, results }: FaultReport, expected: Record<keyof Ending, unknown>[]): void {
  expect(endings, JSON.stringify(results.map(({ errors }) => errors))).toEqual(expected)
}

const isApplied = (outcome: string) => ['CREATED', 'UPDATED', 'UPSERTED', 'UNCHANGED'].includes(outcome)

/** Whatever went wrong: nothing lost, nothing done twice, and nothing reported that is not so. */
function expectTruth({ job, results, endings, profiles }: FaultReport): void {
  expect(results.map(({ index }) => index)).toEqual(results.map((_, index) => index))
  expect(endings).toHaveLength(total)
  for (const [index, { outcome, stored }] of endings.entries()) {
    expect(profiles[index]?.length, `profiles of record ${index}`).toBeLessThanOrEqual(1)
    if (isApplied(outcome)) expect(stored, `record ${index}, ${outcome}`).toBe('sent')
    else if (outcome !== 'UNKNOWN') expect(stored, `record ${index}, ${outcome}`).toBe('before')
    else expect(stored, `record ${index}, ${outcome}`).not.toBe('neither')
  }
  const folded = results.slice(0, -total).map(({ outcome, supersededBy, errors }) => {
    return { outcome, supersededBy, code: errors[0]?.code ?? null }
  })
  expect(folded).toEqual(
    endings.slice(0, folded.length).map(({ outcome, code }, index) => {
      if (!isApplied(outcome)) return { outcome, supersededBy: null, code }
      return { outcome: 'SUPERSEDED', supersededBy: total + index, code: null }
    }),
  )
  const count = (...outcomes: string[]) => results.filter(({ outcome }) => outcomes.includes(outcome)).length
  const progress = {
    total: results.length,
    processed: results.length,
    created: count('CREATED'),
    updated: count('UPDATED'),
    upserted: count('UPSERTED'),
    unchanged: count('UNCHANGED'),
    skipped: count('SKIPPED'),
    superseded: count('SUPERSEDED'),
    failed: count('FAILED'),
    cancelled: count('CANCELLED'),
    unknown: count('UNKNOWN'),
  }
  const unsuccessful = count('FAILED', 'SKIPPED', 'UNKNOWN')
  const state = unsuccessful === 0 ? 'SUCCEEDED' : unsuccessful < results.length ? 'PARTIALLY_FAILED' : 'FAILED'
  expect(job).toMatchObject({ state, progress, deliveries: [{ state, progress, nextAttemptAt: null }] })
  const [delivery] = job.deliveries
  expect(delivery?.batchesDone).toBe(delivery?.batchesTotal)
}
