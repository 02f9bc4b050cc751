import { expect } from 'vitest'
import type { Destination, DestinationRegistry, VendorAnswer } from '../../src/contract/adapter.ts'
import { DestinationError, type Fault } from '../../src/contract/error.ts'
import { type RecordOutcome, recordOutcomes } from '../../src/contract/outcome.ts'
import { addCounts, type JobAction, type JobState } from '../../src/domain/job-state.ts'
import type { JobEngine } from '../../src/jobs/engine.ts'
import type { Job } from '../../src/jobs/job.ts'
import { registryOf } from '../support/counting-adapter.ts'
import { eventually } from '../support/eventually.ts'
import {
  createScriptedAdapter,
  type Script,
  type ScriptedAdapter,
  type ScriptedOptions,
  settledAll,
} from '../support/scripted-adapter.ts'
import { allResults, type Bench, everyState, inputOf, jobOf } from './engine-bench.ts'

/** Destinations of one tenant, so that no engine takes up what another test has left. */
export function registryFor(tenant: string, ...destinations: Destination[]): DestinationRegistry {
  const registry = registryOf(...destinations)
  return { ...registry, find: (asking, id) => (asking === tenant ? registry.find(asking, id) : undefined) }
}

type Input = Parameters<typeof inputOf>

/** A vendor with engines of its own, and a tenant that has it as `vendor`, beside the store `counting`. */
export interface Stage {
  adapter: ScriptedAdapter
  registry: DestinationRegistry
  /** The first of them. */
  engine: JobEngine
  engines: JobEngine[]
  tenant: string
  /** Sends records to the vendor, unless told otherwise. */
  submit(profiles: Input[0], changed?: Input[1]): Promise<Job>
  close(): Promise<void>
}

export async function openStage(bench: Bench, options: ScriptedOptions & { engines?: number } = {}): Promise<Stage> {
  const adapter = createScriptedAdapter(options)
  const tenant = bench.tenant()
  const registry = registryFor(tenant, { id: 'vendor', adapter }, { id: 'counting', adapter: bench.counting })
  const engines: JobEngine[] = []
  for (let count = 0; count < (options.engines ?? 1); count++) engines.push(await bench.engine({ registry }))
  const [engine] = engines
  if (!engine) throw new Error('a stage has at least one engine')
  return {
    adapter,
    registry,
    engine,
    engines,
    tenant,
    async submit(profiles, changed = {}) {
      return jobOf(await engine.submitProfiles(tenant, inputOf(profiles, { destinations: ['vendor'], ...changed })))
    },
    async close() {
      for (const one of engines) await bench.release(one)
    },
  }
}

/** Outcomes in order; checks that the counts agree with them. */
export async function outcomesOf(engine: JobEngine, job: Job): Promise<RecordOutcome[]> {
  const [latest] = await engine.jobs(job.tenant, [job.id])
  const outcomes = (await allResults(engine, latest ?? job)).map(({ outcome }) => outcome)
  const counted = recordOutcomes.map((outcome) => outcomes.filter((one) => one === outcome).length)
  const counts = addCounts((latest ?? job).deliveries.map((delivery) => delivery.counts))
  expect(counts).toEqual(counted)
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(job.total * job.deliveries.length)
  return outcomes
}

export const fault = (name: Fault, details: Partial<DestinationError['details']> = {}) =>
  new DestinationError(name, `the vendor says ${name}`, { code: 'DESTINATION_REJECTED', ...details })

export const lastState = async (engine: JobEngine, job: Job) =>
  (await everyState(await engine.watch(job.tenant, job.id))).at(-1)

/** The job as an action has left it. */
export async function acted(engine: JobEngine, job: Job, action: JobAction): Promise<Job> {
  const answer = await engine.act(job.tenant, job.id, action)
  if (answer.kind !== 'job') throw new Error(`${action} was answered with ${JSON.stringify(answer)}`)
  return answer.job
}

/** Holds the vendor's first call until it is let go, and ends it then as `ending` says; all others are answered. */
export function holdFirstCall(adapter: ScriptedAdapter, ending: ScriptedAdapter['script'] = settledAll) {
  const [begun, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  adapter.script = async (call, seen, place) => {
    if (place > 0) return settledAll(call)
    begun.resolve()
    await goOn.promise
    return ending(call, seen, place)
  }
  return { begun: begun.promise, letGo: () => goOn.resolve() }
}

/** The job once it is in that state. */
export const jobIn = (engine: JobEngine, { tenant, id }: Job, state: JobState): Promise<Job> =>
  eventually(async () => {
    const [now] = await engine.jobs(tenant, [id])
    return now?.state === state ? now : expect.fail(`it is ${now?.state}, not yet ${state}`)
  })

/** A call that comes to a fault. */
export const throwing =
  (...given: Parameters<typeof fault>): Script =>
  () => {
    throw fault(...given)
  }

/** A call that the vendor has taken, and that goes on by a poll or a further call. */
export const continued = (by: 'poll' | 'call'): VendorAnswer => ({ kind: 'continued', by, ticket: 'ticket' })
