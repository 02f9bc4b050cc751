import { vi } from 'vitest'
import {
  JobResultsDocument,
  type JobSnapshotFragment,
  type MatchingMode,
  type ProfileInput,
  type ResultDetailsFragment,
  type UpsertMode,
} from '../../src/cli/generated/graphql.ts'
import type { FaultOrder } from '../../src/sandbox/fault.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'
import type { VendorName } from '../../src/sandbox/vendor.ts'
import type { VendorSettings } from '../../src/sandbox/vendors.ts'
import { batchSize, type Ending, isThere, total } from './fault-rules.ts'
import { openGateway } from './gateway.ts'
import { acceptedJob, endedJobs } from './jobs.ts'

/** A vendor's account as a gateway is configured for it, and the records that go there. */
export interface FaultAccount {
  vendor: VendorName
  /** What its destinations have beside `id`, the sandbox being at `url`. */
  destination: (url: string) => Record<string, unknown>
  /** What the path of a call holds that carries records. */
  path: string
  /** Of a profile as the sandbox shows it. */
  read: (profile: Record<string, unknown>) => { key: unknown; firstName: unknown; lastName: unknown }
  /** What a record has beside its key and names; those of version `old` are there before. */
  extras?: (key: string, version: 'old' | 'new') => ProfileInput
  /** By which the records find their profiles; KEY unless given. */
  matching?: MatchingMode
  /** Every record has an older one of the same key before it, to be folded into it. */
  folds?: boolean
  /** A login is to be there before each run. */
  logsIn?: boolean
}

/** How long the gateway waits: as by default, so briefly that `delayedMs` is too long, or for a second in all. */
export type Patience = keyof typeof patiences
const patiences = {
  patient: { timeoutMs: 20_000 },
  impatient: { timeoutMs: 1500 },
  brief: { timeoutMs: 20_000, giveUpAfterSeconds: 1, pollTimeoutMs: 1000 },
}
export const delayedMs = 2200
const patienceNames = ['patient', 'impatient', 'brief'] as const satisfies readonly Patience[]

/** A job that is sent while the faults are in force. */
export interface FaultRun {
  account: FaultAccount
  mode: UpsertMode
  patience: Patience
  faults: readonly Omit<FaultOrder, 'vendor'>[]
}

/** What the job came to, by the gateway and by the vendor. */
export interface FaultReport {
  job: JobSnapshotFragment
  results: ResultDetailsFragment[]
  /** Of the records that are sent, in order. */
  endings: Ending[]
  /** As the sandbox shows them, in the same order; more than one of a key would be a profile made twice. */
  profiles: Record<string, unknown>[][]
  /** The first record of the call that met the most faults; null where none met any. */
  struck: number | null
}

export interface FaultStands {
  /** Resolves when the run has ended and the vendor is at nothing of it any more. */
  report(run: FaultRun): Promise<FaultReport>
  close(): Promise<void>
}

interface Stand {
  sandbox: Sandbox
  name: string
}

/**
 * Carries all runs out, in their order, on some sandboxes that one gateway delivers to: a sandbox has one run at a time, so that its faults
 * meet that run's calls alone.
 */
export async function openFaultStands(
  runs: readonly FaultRun[],
  settings: VendorSettings = {},
  count = 8,
): Promise<FaultStands> {
  const accounts = [...new Set(runs.map(({ account }) => account))]
  const idOf = ({ name }: Stand, account: FaultAccount, purpose: Patience | 'seed') =>
    `${name}-${accounts.indexOf(account)}-${purpose}`
  const stands = await Promise.all(
    Array.from({ length: count }, async (_, place): Promise<Stand> => {
      return { sandbox: await startSandbox({ port: 0, settings }), name: `stand-${place}` }
    }),
  )
  const gateway = await openGateway({
    file: { tenants: { default: { destinations: stands.flatMap(destinationsOf) } } },
  })
  const reports = new Map(runs.map((run) => [run, Promise.withResolvers<FaultReport>()]))
  // A test that waits for another report would leave the rejection of this one unhandled.
  for (const { promise } of reports.values()) promise.catch(() => {})

  function destinationsOf(stand: Stand) {
    const common = { maxConcurrency: 1, minIntervalMs: 0, retryBaseMs: 5, pollIntervalMs: 5 }
    return accounts.flatMap((account) => {
      const own = { ...common, ...account.destination(`${stand.sandbox.url}/${account.vendor}`) }
      return [
        { ...own, ...patiences.patient, id: idOf(stand, account, 'seed') },
        ...patienceNames.map((patience) => {
          return { ...own, ...patiences[patience], maxBatchSize: batchSize, id: idOf(stand, account, patience) }
        }),
      ]
    })
  }

  const keyOf = (run: FaultRun, index: number) => `run-${runs.indexOf(run)}-${index}`
  const indexes = Array.from({ length: total }, (_, index) => index)
  const profileOf = ({ account }: FaultRun, key: string, version: 'old' | 'new'): ProfileInput => ({
    key,
    firstName: `${version} first`,
    lastName: `${version} last`,
    ...account.extras?.(key, version),
  })

  /** Makes the profiles that are there before their runs. */
  async function seed(stand: Stand, own: readonly FaultRun[]): Promise<void> {
    for (const [account, some] of Map.groupBy(own, (run) => run.account)) {
      const profiles = some.flatMap((run) =>
        indexes.filter(isThere).map((index) => profileOf(run, keyOf(run, index), 'old')),
      )
      await succeed(idOf(stand, account, 'seed'), profiles)
    }
  }

  async function succeed(destination: string, profiles: ProfileInput[]): Promise<void> {
    const job = await acceptedJob(gateway, { destinations: [destination], waitSeconds: 30, profiles })
    if (job.state !== 'SUCCEEDED') throw new Error(`${destination} could not be made ready: ${JSON.stringify(job)}`)
  }

  async function carryOut(stand: Stand, run: FaultRun): Promise<FaultReport> {
    const { sandbox } = stand
    const { account, mode, patience } = run
    const { vendor, path, matching = 'KEY', read } = account
    const destination = idOf(stand, account, patience)
    if (account.logsIn) await succeed(destination, [{ key: 'login' }])
    const before = new Set(sandbox.requests(vendor))
    for (const fault of run.faults) sandbox.fault({ vendor, ...fault })
    const sent = indexes.map((index) => profileOf(run, keyOf(run, index), 'new'))
    const profiles = account.folds ? [...sent.map((one) => ({ ...one, firstName: 'stale' })), ...sent] : sent
    const accepted = await acceptedJob(gateway, {
      destinations: [destination],
      matching,
      upsert: mode,
      waitSeconds: 20,
      profiles,
    })
    const [job = accepted] = accepted.finishedAt === null ? await endedJobs(gateway, [accepted.id], 20_000) : []
    const calls = sandbox.requests(vendor).filter((call) => !before.has(call))
    await vi.waitFor(() => expectIdle(calls), { interval: 10, timeout: 10_000 })
    sandbox.clearFaults()
    const { data } = await gateway.request(JobResultsDocument, { id: job.id, first: profiles.length })
    const results = data?.job?.results.nodes ?? []
    const stored = sandbox.profiles(vendor) as Record<string, unknown>[]
    const found = indexes.map((index) => stored.filter((one) => read(one).key === keyOf(run, index)))
    const carrying = calls
      .filter((call) => call.path.includes(path))
      .map(({ body, faults }) => {
        const text = JSON.stringify(body)
        return { carried: indexes.filter((index) => new RegExp(`\\b${keyOf(run, index)}\\b`).test(text)), faults }
      })
    const endings = results.slice(-total).map(({ outcome, errors }, index): Ending => {
      const times = carrying.filter(({ carried }) => carried.includes(index)).length
      return {
        outcome,
        code: errors[0]?.code ?? null,
        calls: times === 0 ? 'none' : times === 1 ? 'one' : 'several',
        stored: storedAs(account, found[index] ?? [], index),
      }
    })
    const most = Math.max(1, ...carrying.map(({ faults }) => faults.length))
    const [first] = carrying.find(({ faults }) => faults.length === most)?.carried ?? []
    return { job, results, endings, profiles: found, struck: first ?? null }
  }

  async function work(stand: Stand, place: number): Promise<void> {
    const own = runs.filter((_, index) => index % stands.length === place)
    const seeded = seed(stand, own)
    for (const run of own) {
      const { resolve, reject } = reports.get(run) ?? Promise.withResolvers<FaultReport>()
      await seeded.then(() => carryOut(stand, run)).then(resolve, reject)
    }
  }
  const working = Promise.all(stands.map(work))

  return {
    async report(run) {
      const report = reports.get(run)
      if (report === undefined) throw new TypeError('no such run was asked for')
      return report.promise
    },
    async close() {
      await working
      await gateway.close()
      await Promise.all(stands.map(({ sandbox }) => sandbox.stop()))
    },
  }
}

function storedAs(
  { read }: FaultAccount,
  [profile]: readonly Record<string, unknown>[],
  index: number,
): Ending['stored'] {
  if (profile === undefined) return isThere(index) ? 'neither' : 'before'
  const { firstName, lastName } = read(profile)
  const names = `${firstName}, ${lastName}`
  if (names === 'new first, new last') return 'sent'
  return names === 'old first, old last' && isThere(index) ? 'before' : 'neither'
}

function expectIdle(calls: readonly { endedAt: number | null }[]): void {
  const open = calls.filter(({ endedAt }) => endedAt === null).length
  if (open > 0) throw new Error(`the vendor is still at ${open} calls`)
}
