import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { countOf } from '../../src/domain/job-state.ts'
import type { JobEngine } from '../../src/jobs/engine.ts'
import { countedKeys } from '../support/counting-adapter.ts'
import { allResults, type Bench, inputOf, jobOf, openBench, profilesNamed } from './engine-bench.ts'

let bench: Bench
let engine: JobEngine

beforeAll(async () => {
  bench = await openBench()
  engine = await bench.engine()
})
afterEach(() => {
  bench.counting.afterApply = async () => {}
})
afterAll(() => bench.close())

const mixed = (count: number) =>
  profilesNamed(count, (index) => {
    if (index % 7 === 3) return `fails-${index}`
    if (index % 7 === 5) return `same-${index}`
    return index % 7 === 6 ? `folded-${index}` : `key-${index}`
  })

describe('a small request for one store', () => {
  test('has ended when it is answered, and is stored as it was answered', async () => {
    const tenant = bench.tenant()
    const job = jobOf(
      await engine.submitProfiles(tenant, inputOf(mixed(50), { waitSeconds: 0, audit: ['from a test'] })),
    )
    expect(job).toMatchObject({ state: 'PARTIALLY_FAILED', version: 1, total: 50, staged: 50, audit: ['from a test'] })
    expect(await engine.jobs(tenant, [job.id])).toEqual([job])
    expect(await countedKeys(bench.database, tenant)).toHaveLength(50)
  })

  test('comes to the same as the same request on the queued way', async () => {
    const [short, queued] = [bench.tenant(), bench.tenant()]
    const profiles = mixed(700)
    const atOnce = jobOf(await engine.submitProfiles(short, inputOf(profiles)))
    const delivered = jobOf(
      await engine.submitProfiles(queued, inputOf(profiles, { destinations: ['counting', 'second'] })),
    )
    expect(delivered.state).toBe(atOnce.state)
    expect(delivered.deliveries[0]?.counts).toEqual(atOnce.deliveries[0]?.counts)
    const results = await allResults(engine, atOnce)
    expect(await allResults(engine, delivered, { destinationId: 'counting' })).toEqual(results)
    expect(results[13]).toMatchObject({ index: 13, outcome: 'SUPERSEDED', supersededBy: 12, affected: 0 })
    expect(results[0]).toMatchObject({ clientRef: 'ref-0', key: 'key-0', profileId: 'id of key-0', affected: 1 })
    expect(await countedKeys(bench.database, queued)).toEqual(await countedKeys(bench.database, short))
  })

  test('sends a handful of statements', async () => {
    const tenant = bench.tenant()
    const sent = bench.statements.length
    await engine.submitProfiles(tenant, inputOf([{ key: 'one' }]))
    const own = bench.statements.slice(sent).filter((text) => !text.includes('skip locked'))
    expect(own).toHaveLength(2)
  })

  test('keeps only the records that failed', async () => {
    const tenant = bench.tenant()
    const job = jobOf(await engine.submitProfiles(tenant, inputOf([{ key: 'a' }, { key: 'fails-b' }])))
    const [chunk] = await bench.database.query<{ records: string }>(
      'select records from job_chunks where job_id = $1',
      [job.id],
    )
    expect(JSON.parse(chunk?.records ?? '')).toEqual([null, { key: 'fails-b' }])
  })

  test('leaves nothing behind when its batch meets a fault', async () => {
    const tenant = bench.tenant()
    bench.counting.afterApply = async () => {
      throw new Error('a fault of the store')
    }
    await expect(engine.submitProfiles(tenant, inputOf([{ key: 'a' }]))).rejects.toThrow('a fault of the store')
    expect(await countedKeys(bench.database, tenant)).toEqual([])
    expect((await engine.page(tenant, {})).edges).toEqual([])
  })
})

describe('a request that cannot be', () => {
  test('names unknown destinations and the configured ones beside all else that is wrong', async () => {
    const input = inputOf([{ key: 'a' }], { destinations: ['counting', 'nowhere'], waitSeconds: 99 })
    expect(await engine.submitProfiles(bench.tenant(), input)).toMatchObject({
      kind: 'invalidInput',
      issues: [
        { path: ['input', 'waitSeconds'] },
        {
          path: ['input', 'destinations', '1'],
          message: 'There is no destination "nowhere": name one of counting, second',
        },
      ],
    })
  })

  test('is refused when a destination cannot do what it asks for', async () => {
    const input = inputOf([{ key: 'a' }], { skipTriggers: true })
    expect(await engine.submitProfiles(bench.tenant(), input)).toMatchObject({
      kind: 'unsupported',
      destinationId: 'counting',
      feature: 'skipTriggers',
    })
  })
})

describe('invalid records', () => {
  const withInvalid = (count: number) =>
    profilesNamed(count).map((profile, index) => (index % 1000 === 7 ? { ...profile, email: 'nobody' } : profile))

  test.each([5, 2500])('under REJECT_ALL refuse all of %i records', async (count) => {
    const tenant = bench.tenant()
    const profiles = [...withInvalid(count), { key: 'x', phone: '1' }]
    const refused = await engine.submitProfiles(tenant, inputOf(profiles, { idempotencyKey: 'k' }))
    const invalid = count > 7 ? [7, 1007, 2007, count] : [count]
    expect(refused).toMatchObject({ kind: 'invalidRecords', totalInvalid: invalid.length })
    if (refused.kind !== 'invalidRecords') return
    expect(refused.records.map((record) => record.index)).toEqual(invalid)
    expect(refused.records.at(-1)).toMatchObject({ destinationIds: ['counting'], errors: [{ code: 'INVALID_PHONE' }] })
    expect(await countedKeys(bench.database, tenant)).toEqual([])
    // A refused request takes no key.
    expect(jobOf(await engine.submitProfiles(tenant, inputOf([{ key: 'x' }], { idempotencyKey: 'k' }))).total).toBe(1)
  })

  test('name the destinations that object, and each error once', async () => {
    const input = inputOf([{ key: 'refused-by-counting-1' }, { key: 'b', email: '?' }], {
      destinations: ['counting', 'second'],
    })
    const refused = await engine.submitProfiles(bench.tenant(), input)
    expect(refused).toMatchObject({
      kind: 'invalidRecords',
      totalInvalid: 2,
      records: [
        { index: 0, destinationIds: ['counting'], errors: [{ code: 'UNKNOWN_ATTRIBUTE' }] },
        { index: 1, destinationIds: ['counting', 'second'], errors: [{ code: 'INVALID_EMAIL' }] },
      ],
    })
  })

  test.each([10, 1500])(
    'under SKIP_INVALID fail alone among %i records and are kept as they were sent',
    async (count) => {
      const tenant = bench.tenant()
      const profiles = withInvalid(count)
      const job = jobOf(await engine.submitProfiles(tenant, inputOf(profiles, { onInvalid: 'SKIP_INVALID' })))
      const invalid = count > 1000 ? [7, 1007] : [7]
      expect(job.state).toBe('PARTIALLY_FAILED')
      expect(await countedKeys(bench.database, tenant)).toHaveLength(count - invalid.length)
      const failed = await allResults(engine, job, { outcomes: ['FAILED'] })
      expect(failed.map((result) => [result.index, result.errors[0]?.code])).toEqual(
        invalid.map((index) => [index, 'INVALID_EMAIL']),
      )
      const [chunk] = await bench.database.query<{ records: string }>(
        'select records from job_chunks where job_id = $1 and chunk = 0',
        [job.id],
      )
      expect(JSON.parse(chunk?.records ?? '')[7]).toEqual(profiles[7])
    },
  )

  test.each([3, 1200])('that are all there is end a job of %i at once', async (count) => {
    const tenant = bench.tenant()
    const profiles = profilesNamed(count, (index) => `refused-${index}`)
    const job = jobOf(
      await engine.submitProfiles(tenant, inputOf(profiles, { onInvalid: 'SKIP_INVALID', waitSeconds: 0 })),
    )
    expect(job.state).toBe('FAILED')
    expect(await engine.jobs(tenant, [job.id])).toEqual([job])
    expect(await countedKeys(bench.database, tenant)).toEqual([])
  })

  test('may hold text that jsonb does not take', async () => {
    const input = inputOf([{ key: 'a', email: 'a\0\ud800' }], { onInvalid: 'SKIP_INVALID' })
    const job = jobOf(await engine.submitProfiles(bench.tenant(), input))
    expect(countOf(job.deliveries[0]?.counts ?? [], 'FAILED')).toBe(1)
    expect(await allResults(engine, job)).toMatchObject([{ errors: [{ code: 'INVALID_EMAIL' }] }])
  })
})

describe('idempotency', () => {
  test.each([1, 1100])('makes one job of 20 simultaneous requests of %i records', async (count) => {
    const tenant = bench.tenant()
    const input = inputOf(profilesNamed(count), { idempotencyKey: 'the key' })
    const answers = await Promise.all(Array.from({ length: 20 }, () => engine.submitProfiles(tenant, input)))
    const jobs = answers.map(jobOf)
    expect(new Set(jobs.map((job) => job.id)).size).toBe(1)
    expect(new Set(jobs.map((job) => job.state))).toEqual(new Set(['SUCCEEDED']))
    expect(await countedKeys(bench.database, tenant)).toHaveLength(count)
  })

  test('refuses the key for another input, and takes it for another tenant', async () => {
    const tenant = bench.tenant()
    const first = jobOf(await engine.submitProfiles(tenant, inputOf([{ key: 'a' }], { idempotencyKey: 'k' })))
    expect(await engine.submitProfiles(tenant, inputOf([{ key: 'b' }], { idempotencyKey: 'k' }))).toMatchObject({
      kind: 'idempotencyConflict',
      jobId: first.id,
    })
    const again = inputOf([{ key: 'a' }], { idempotencyKey: 'k', waitSeconds: 0 })
    expect(jobOf(await engine.submitProfiles(tenant, again))).toEqual(first)
    const other = jobOf(await engine.submitProfiles(bench.tenant(), inputOf([{ key: 'b' }], { idempotencyKey: 'k' })))
    expect(other.id).not.toBe(first.id)
  })
})

describe('a commit whose answer is lost', () => {
  const lost = () => Object.assign(new Error('connection closed'), { code: 'CONNECTION_CLOSED' })

  test.each([
    ['committed', 1],
    ['not committed', 1],
    ['committed', 1500],
    ['not committed', 1500],
  ])('is %s: a job of %s records is stored once', async (fate, count) => {
    const tenant = bench.tenant()
    let losses = 0
    const flaky = await bench.engine({
      role: 'api',
      database: {
        ...bench.database,
        async transaction(work) {
          if (losses > 0) return bench.database.transaction(work)
          losses += 1
          if (fate === 'committed') await bench.database.transaction(work)
          throw lost()
        },
      },
    })
    const job = jobOf(await flaky.submitProfiles(tenant, inputOf(profilesNamed(count), { waitSeconds: 5 })))
    expect(job.state).toBe('SUCCEEDED')
    expect((await engine.page(tenant, {})).edges.map((edge) => edge.node.id)).toEqual([job.id])
    expect(await countedKeys(bench.database, tenant)).toHaveLength(count)
  })
})

describe('the list of jobs', () => {
  test('is newest first, in pages, by state and tenant', async () => {
    const tenant = bench.tenant()
    const submit = async (key: string) => jobOf(await engine.submitProfiles(tenant, inputOf([{ key }]))).id
    const made: string[] = []
    for (const key of ['a', 'fails-b', 'c', 'fails-d', 'e']) made.push(await submit(key))
    made.reverse()
    const idsOf = (page: Awaited<ReturnType<JobEngine['page']>>) => page.edges.map((edge) => edge.node.id)

    const first = await engine.page(tenant, { first: 2 })
    expect(first).toMatchObject({ hasNextPage: true, hasPreviousPage: false })
    const rest = await engine.page(tenant, { after: first.edges.at(-1)?.cursor })
    expect(rest).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
    expect([...idsOf(first), ...idsOf(rest)]).toEqual(made)
    expect(idsOf(await engine.page(tenant, { states: ['FAILED'] }))).toEqual([made[1], made[3]])
    expect(idsOf(await engine.page(tenant, { states: ['FAILED', 'SUCCEEDED', 'QUEUED'], first: 3 }))).toEqual(
      made.slice(0, 3),
    )
    expect(idsOf(await engine.page(bench.tenant(), {}))).toEqual([])
    await expect(engine.page(tenant, { after: 'bm9uc2Vuc2U=' })).rejects.toThrow('is no cursor of this list')
    expect(await engine.jobs(bench.tenant(), [made[0] ?? ''])).toEqual([null])
    expect(await engine.jobs(tenant, ['no uuid', made[0] ?? ''])).toMatchObject([null, { id: made[0] }])
  })
})
