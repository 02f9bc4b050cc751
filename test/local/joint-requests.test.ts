import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLocalAdapter } from '../../src/adapters/local/index.ts'
import type { BulkUpsertProfilesInput, ProfileInput } from '../../src/contract/input.ts'
import type { JobEngine } from '../../src/jobs/engine.ts'
import type { Job, RecordResult } from '../../src/jobs/job.ts'
import { allResults, type Bench, inputOf, jobOf, openBench } from '../jobs/engine-bench.ts'
import { registryOf } from '../support/counting-adapter.ts'
import { localTenant } from './local-bench.ts'

let bench: Bench
let engine: JobEngine
beforeAll(async () => {
  bench = await openBench()
  engine = await bench.engine({ registry: registryOf({ id: 'local', adapter: createLocalAdapter() }) })
})
afterAll(() => bench.close())

const inputFor = (profiles: ProfileInput[], more: Partial<BulkUpsertProfilesInput> = {}) =>
  inputOf(profiles, { destinations: ['local'], waitSeconds: 10, ...more })

async function carriedOut(
  tenant: string,
  input: BulkUpsertProfilesInput,
): Promise<{ job: Job; results: RecordResult[] }> {
  const job = jobOf(await engine.submitProfiles(tenant, input))
  return { job, results: await allResults(engine, job) }
}

const modes: Partial<BulkUpsertProfilesInput>[] = [
  {},
  { matching: 'EMAIL' },
  { upsert: 'CREATE_ONLY' },
  { upsert: 'UPDATE_ONLY' },
  { matching: 'EMAIL_PHONE' },
  { audit: ['another kind of request'] },
]

test('requests that come at once are answered each for itself, and share transactions', async () => {
  const tenant = bench.tenant()
  const asked = Array.from({ length: 360 }, (_, number) => {
    const person = number % 45
    const profile = { key: `p-${person}`, email: `p.${person}@example.com`, firstName: `by ${number}` }
    return { person, number, mode: modes[Math.floor(number / 45) % modes.length] ?? {}, profile }
  })
  const answers = await Promise.all(
    asked.map(async (one) => ({ ...one, ...(await carriedOut(tenant, inputFor([one.profile], one.mode))) })),
  )
  expect(new Set(answers.map(({ job }) => job.id)).size).toBe(answers.length)
  const profiles = new Map((await localTenant(bench.database, tenant).profiles()).map((one) => [one.key, one]))
  expect(profiles.size).toBe(45)

  for (const { person, job, results, mode } of answers) {
    expect(results).toHaveLength(1)
    const [result] = results
    expect(job).toMatchObject({ total: 1, staged: 1, audit: mode.audit ?? [], deliveries: [{ batchesDone: 1 }] })
    expect(job.state).toBe(result?.outcome === 'FAILED' ? 'FAILED' : 'SUCCEEDED')
    expect(result).toMatchObject({ index: 0, key: `p-${person}`, supersededBy: null })
    const codes = result?.errors.map(({ code }) => code)
    if (result?.outcome !== 'FAILED') expect(result).toMatchObject({ profileId: profiles.get(`p-${person}`)?.id })
    else if (mode.upsert === 'CREATE_ONLY') expect(codes).toEqual(['PROFILE_EXISTS'])
    else expect([mode.upsert, codes]).toEqual(['UPDATE_ONLY', ['PROFILE_NOT_FOUND']])
  }
  for (let person = 0; person < 45; person++) {
    const own = answers.filter((one) => one.person === person)
    expect(own.filter(({ results }) => results[0]?.outcome === 'CREATED')).toHaveLength(1)
    const applied = own
      .filter(({ results }) => results[0]?.outcome !== 'FAILED')
      .map(({ profile }) => profile.firstName)
    expect(applied).toContain(profiles.get(`p-${person}`)?.fields['firstName'])
  }

  // What was answered is what is stored.
  const stored = await engine.jobs(
    tenant,
    answers.map(({ job }) => job.id),
  )
  expect(stored).toEqual(answers.map(({ job }) => job))
  for (const [place, job] of stored.entries()) {
    expect(job && (await allResults(engine, job))).toEqual(answers[place]?.results)
  }
  const [row] = await bench.database.query<{ transactions: number }>(
    'select count(distinct xmin::text)::int as transactions from jobs where tenant = $1',
    [tenant],
  )
  expect(row?.transactions).toBeLessThan(answers.length / 2)
})

test('a record is never folded into that of another request', async () => {
  const tenant = bench.tenant()
  const sent = Array.from({ length: 60 }, (_, number) => ({ key: 'one', firstName: `by ${number}` }))
  const answers = await Promise.all(
    sent.map((profile) => carriedOut(tenant, inputFor([profile, { key: 'two' }, profile]))),
  )
  const outcomes = answers.map(({ results }) => results.map(({ outcome }) => outcome))
  expect(outcomes.map(([first]) => first)).toEqual(outcomes.map(() => 'SUPERSEDED'))
  expect(outcomes.filter(([, , last]) => last === 'CREATED')).toHaveLength(1)
  expect(outcomes.filter(([, , last]) => last === 'UPDATED')).toHaveLength(59)
  expect(answers.flatMap(({ results }) => results.map(({ supersededBy }) => supersededBy ?? 2))).toEqual(
    answers.flatMap(() => [2, 2, 2]),
  )
})

test('a request does not see the profile of one after it through a link', async () => {
  const tenant = bench.tenant()
  const type = {
    name: 'contact',
    attributes: [{ name: 'boss' }],
    links: [{ attribute: 'boss', targetType: 'contact' }],
  }
  expect(await localTenant(bench.database, tenant).define(type)).toEqual([])
  const pairs = Array.from({ length: 20 }, (_, pair) => [
    { key: `a-${pair}`, attributes: { boss: `b-${pair}` } },
    { key: `b-${pair}`, attributes: { boss: `a-${pair}` } },
  ])
  for (const matching of ['KEY', 'EMAIL'] as const) {
    const answers = await Promise.all(
      pairs.flat().map((one) => {
        const profile = { ...one, email: `${one.key}@example.com` }
        return carriedOut(tenant, inputFor([profile], { matching, linkPolicy: 'FAIL' }))
      }),
    )
    const codes = answers.map(({ results }) => results[0]?.errors.map(({ code }) => code))
    expect(codes).toEqual(answers.map(() => ['LINK_NOT_FOUND']))
  }
})

test('a request that makes its transaction fail fails alone', async () => {
  const tenant = bench.tenant()
  await bench.database.query(`create function refuse_poison() returns trigger language plpgsql as $$
    begin if new.key = 'poison' then raise 'no such thing'; end if; return new; end $$`)
  await bench.database.query(
    'create trigger refuse_poison before insert on profiles for each row execute function refuse_poison()',
  )
  try {
    const keys = Array.from({ length: 50 }, (_, number) => (number % 17 === 3 ? 'poison' : `k-${number}`))
    const answers = await Promise.allSettled(keys.map((key) => carriedOut(tenant, inputFor([{ key }]))))
    for (const [place, answer] of answers.entries()) {
      if (keys[place] === 'poison') expect(answer).toMatchObject({ status: 'rejected' })
      else expect(answer).toMatchObject({ value: { job: { state: 'SUCCEEDED' }, results: [{ outcome: 'CREATED' }] } })
    }
    const [row] = await bench.database.query<{ jobs: number; profiles: number }>(
      `select (select count(*)::int from jobs where tenant = $1) as jobs,
              (select count(*)::int from profiles where tenant = $1) as profiles`,
      [tenant],
    )
    expect(row).toEqual({ jobs: 47, profiles: 47 })
  } finally {
    await bench.database.query('drop trigger refuse_poison on profiles')
    await bench.database.query('drop function refuse_poison')
  }
})

test('those with an idempotency key are stored once each', async () => {
  const tenant = bench.tenant()
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, number) =>
      carriedOut(tenant, inputFor([{ key: `k-${number % 20}` }], { idempotencyKey: `once-${number % 20}` })),
    ),
  )
  expect(new Set(answers.map(({ job }) => job.id)).size).toBe(20)
  for (const { results } of answers) expect(results.map(({ outcome }) => outcome)).toEqual(['CREATED'])
})

// PGlite has one connection: there all wait for the transaction that holds the lock.
if (process.env['DATABASE_URL']) {
  test('the one request that comes while another waits for a lock is not held up', async () => {
    const tenant = bench.tenant()
    await carriedOut(tenant, inputFor([{ key: 'locked' }]))
    for (let round = 0; round < 10; round++) {
      const locked = await bench.database.transaction(async (transaction) => {
        await transaction.query(`select 1 from profiles where tenant = $1 and key = 'locked' for update`, [tenant])
        const waits = carriedOut(tenant, inputFor([{ key: 'locked', firstName: `${round}` }]))
        await new Promise((resolve) => setTimeout(resolve, 8))
        const { job } = await carriedOut(tenant, inputFor([{ key: `free-${round}`, firstName: 'Ada' }]))
        expect(job.state).toBe('SUCCEEDED')
        return { waits }
      })
      expect(await locked.waits).toMatchObject({ job: { state: 'SUCCEEDED' } })
    }
  })

  test('a request that waits for a lock does not hold up those behind it', async () => {
    const tenant = bench.tenant()
    await carriedOut(tenant, inputFor([{ key: 'locked' }]))
    const answers: string[] = []
    const ask = async (key: string) => {
      const { results } = await carriedOut(tenant, inputFor([{ key, firstName: 'Ada' }]))
      answers.push(`${key} ${results[0]?.outcome}`)
    }
    const waiting = await bench.database.transaction(async (transaction) => {
      await transaction.query(`select 1 from profiles where tenant = $1 and key = 'locked' for update`, [tenant])
      const locked = ask('locked')
      const others = Array.from({ length: 40 }, async (_, number) => {
        await new Promise((resolve) => setTimeout(resolve, number))
        return ask(`free-${number}`)
      })
      // Those that went together with it wait with it.
      while (answers.length < 30) await new Promise((resolve) => setTimeout(resolve, 5))
      expect(answers).not.toContain('locked UPDATED')
      return [locked, ...others]
    })
    await Promise.all(waiting)
    expect(answers).toHaveLength(41)
    expect(answers).toContain('locked UPDATED')
  })
}
