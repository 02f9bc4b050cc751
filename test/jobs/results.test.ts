import { afterAll, beforeAll, expect, test } from 'vitest'
import { recordOutcomes } from '../../src/contract/outcome.ts'
import type { JobEngine } from '../../src/jobs/engine.ts'
import type { Job } from '../../src/jobs/job.ts'
import { allResults, type Bench, inputOf, jobOf, openBench, profilesNamed } from './engine-bench.ts'

let bench: Bench
let engine: JobEngine
let tenant: string
let job: Job

const failing = [3, 998, 999, 1000, 3500, 4007]
const names = (index: number) => (failing.includes(index) ? `fails-${index}` : `key-${index}`)

beforeAll(async () => {
  bench = await openBench()
  engine = await bench.engine()
  tenant = bench.tenant()
  const profiles = profilesNamed(4100, names).map((profile, index) =>
    index === 2000 ? { key: 'refused-by-second-2000' } : profile,
  )
  const input = inputOf(profiles, { destinations: ['counting', 'second'], onInvalid: 'SKIP_INVALID' })
  job = jobOf(await engine.submitProfiles(tenant, input))
})
afterAll(() => bench.close())

test('come by index, then in the order of destinations, over the borders of chunks', async () => {
  const page = await engine.results(tenant, job, { first: 1000 })
  expect(page).toMatchObject({ totalCount: 8200, hasNextPage: true, hasPreviousPage: false })
  const all = await allResults(engine, job)
  expect(all).toHaveLength(8200)
  expect(all.map((result) => [result.index, result.destinationId])).toEqual(
    profilesNamed(4100).flatMap((_, index) => [
      [index, 'counting'],
      [index, 'second'],
    ]),
  )
})

test.each([1, 7, 333, 1000])('give the same in pages of %i', async (first) => {
  const failed = await allResults(engine, job, { outcomes: ['FAILED'], first })
  const expected = [...failing.flatMap((index) => [`${index} counting`, `${index} second`]), '2000 second']
  const byIndex = (a: string, b: string) => Number.parseInt(a, 10) - Number.parseInt(b, 10)
  expect(failed.map((result) => `${result.index} ${result.destinationId}`)).toEqual(expected.toSorted(byIndex))
})

test('are narrowed to a destination and to outcomes, and counted without being read', async () => {
  const page = await engine.results(tenant, job, { destinationId: 'second', outcomes: ['FAILED'], first: 2 })
  expect(page).toMatchObject({ totalCount: 7, hasNextPage: true })
  expect(page.edges.map((edge) => edge.node.index)).toEqual([3, 998])
  const rest = await engine.results(tenant, job, {
    destinationId: 'second',
    outcomes: ['FAILED'],
    after: page.edges.at(-1)?.cursor,
  })
  expect(rest).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
  expect(rest.edges.map((edge) => edge.node.index)).toEqual([999, 1000, 2000, 3500, 4007])
  const created = await engine.results(tenant, job, { destinationId: 'second', outcomes: ['CREATED'], first: 1000 })
  expect(created).toMatchObject({ totalCount: 4093, hasNextPage: true })
  expect(created.edges.at(-1)?.node.index).toBe(1002 + 1)
  expect(await engine.results(tenant, job, { destinationId: 'nowhere' })).toMatchObject({ edges: [], totalCount: 0 })
  expect(await engine.results(tenant, job, { outcomes: [] })).toMatchObject({ edges: [], totalCount: 0 })
  expect(await engine.results(tenant, job, { first: 0 })).toMatchObject({ edges: [], hasNextPage: true })
})

test('read the chunks whole only that a page needs', async () => {
  const sent = bench.statements.length
  await engine.results(tenant, job, { outcomes: ['FAILED'], first: 1 })
  expect(bench.statements.slice(sent).filter((text) => text.includes('result_chunks'))).toHaveLength(1)
})

test('of a job that nobody has begun are PENDING', async () => {
  const other = bench.tenant()
  await engine.stop()
  const api = await bench.engine({ role: 'api' })
  const profiles = profilesNamed(1500).map((profile, index) => (index === 1100 ? { ...profile, email: '?' } : profile))
  const queued = jobOf(
    await api.submitProfiles(other, inputOf(profiles, { waitSeconds: 0, onInvalid: 'SKIP_INVALID' })),
  )
  const pending = await allResults(api, queued, { outcomes: ['PENDING'] })
  expect(pending).toHaveLength(1499)
  expect(pending[0]).toMatchObject({ index: 0, outcome: 'PENDING', affected: 0, profileId: null, clientRef: 'ref-0' })
  expect(await allResults(api, queued, { outcomes: ['FAILED'] })).toMatchObject([{ index: 1100 }])
  const counts = recordOutcomes.map(() => 0)
  for (const result of await allResults(api, queued)) {
    const place = recordOutcomes.indexOf(result.outcome)
    counts[place] = (counts[place] ?? 0) + 1
  }
  expect(counts).toEqual(queued.deliveries[0]?.counts)
  await expect(api.results(other, queued, { after: 'eA==' })).rejects.toThrow('is no cursor of this list')
  await expect(api.results(bench.tenant(), queued, {})).rejects.toThrow('another tenant')
})
