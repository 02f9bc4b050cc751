import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { allResults, type Bench, inputOf, jobOf, openBench, profilesNamed } from './engine-bench.ts'

let bench: Bench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const count = async (table: string, jobId: string) => {
  const [row] = await bench.database.query<{ rows: number }>(
    `select count(*)::int as rows from ${table} where job_id = $1::uuid`,
    [jobId],
  )
  return row?.rows
}

test('records and results of a job that ended long ago are removed, and its counts stay', async () => {
  const tenant = bench.tenant()
  const first = await bench.engine()
  const names = (index: number) => (index % 2 === 0 ? `fails-${index}` : `key-${index}`)
  const submitted = () => first.submitProfiles(tenant, inputOf(profilesNamed(1500, names), { waitSeconds: 20 }))
  const [old, fresh] = [jobOf(await submitted()), jobOf(await submitted())]
  await bench.database.query(`update jobs set finished_at = now() - interval '31 days' where id = $1::uuid`, [old.id])
  await bench.release(first)

  const engine = await bench.engine()
  const read = async (id: string) => {
    const [job] = await engine.jobs(tenant, [id])
    if (!job) throw new Error('the job is gone')
    return job
  }
  await vi.waitFor(async () => expect((await read(old.id)).removedAt).not.toBeNull(), { timeout: 20_000 })
  expect(await count('job_chunks', old.id)).toBe(0)
  expect(await count('result_chunks', old.id)).toBe(0)
  const kept = await read(old.id)
  expect(kept).toMatchObject({ state: 'PARTIALLY_FAILED', deliveries: [{ counts: old.deliveries[0]?.counts }] })
  expect(await allResults(engine, kept)).toEqual([])
  expect(await engine.retryJob(tenant, { jobId: old.id, waitSeconds: 0 })).toMatchObject({
    kind: 'invalidInput',
    issues: [{ message: expect.stringMatching(/were removed on \d{4}-\d\d-\d\d/) }],
  })

  expect((await read(fresh.id)).removedAt).toBeNull()
  expect(await allResults(engine, await read(fresh.id))).toHaveLength(1500)
})

test('records that a retry is still to read are kept until it has', async () => {
  await bench.releaseOthers()
  const tenant = bench.tenant()
  const api = await bench.engine({ role: 'api' })
  const first = await bench.engine({ role: 'worker' })
  const failing = profilesNamed(1500, (index) => `fails-${index}`)
  const [old, older] = await Promise.all(
    [1, 2].map(async () => jobOf(await api.submitProfiles(tenant, inputOf(failing, { waitSeconds: 20 })))),
  )
  if (!old || !older) throw new Error('there are two')
  await bench.release(first)
  const retried = await api.retryJob(tenant, { jobId: old.id, waitSeconds: 0 })
  if (retried.kind !== 'job') throw new Error(retried.kind)
  expect((await api.act(tenant, retried.job.id, 'pause')).kind).toBe('job')
  const age = (id: string, days: number) =>
    bench.database.query(`update jobs set finished_at = now() - make_interval(days => $2::int) where id = $1::uuid`, [
      id,
      days,
    ])
  await age(old.id, 32)
  await age(older.id, 31)

  const read = async (id: string) => (await api.jobs(tenant, [id]))[0]
  const retention = await bench.engine({ role: 'worker' })
  await vi.waitFor(async () => expect((await read(older.id))?.removedAt).not.toBeNull(), { timeout: 20_000 })
  expect((await read(old.id))?.removedAt).toBeNull()

  await api.act(tenant, retried.job.id, 'resume')
  await vi.waitFor(async () => expect((await read(retried.job.id))?.state).toBe('FAILED'), { timeout: 20_000 })
  expect(await allResults(api, retried.job)).toHaveLength(1500)
  await bench.release(retention)
  await bench.engine({ role: 'worker' })
  await vi.waitFor(async () => expect((await read(old.id))?.removedAt).not.toBeNull(), { timeout: 20_000 })
})
