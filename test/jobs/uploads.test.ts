import { setImmediate } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { openPostgres } from '../../src/db/postgres.ts'
import { findUpload, giveUpExpired, giveUpUpload, lockUploads, readParts, removeParts } from '../../src/db/uploads.ts'
import { FileFault } from '../../src/domain/import-format.ts'
import { removeUpload } from '../../src/jobs/upload-sweep.ts'
import { createUploads, type UploadFile, type Uploads } from '../../src/jobs/uploads.ts'
import { eventually } from '../support/eventually.ts'
import { openScratchDatabase, type ScratchDatabase } from '../support/scratch-database.ts'
import { silent } from './engine-bench.ts'

let database: ScratchDatabase
let tenants = 0
const newTenant = () => `tenant-${++tenants}`
beforeAll(async () => {
  database = await openScratchDatabase()
})
afterAll(() => database.close())

const ndjson: UploadFile = { format: 'NDJSON', isGzip: false, announcedBytes: null }
const csv: UploadFile = { ...ndjson, format: 'CSV' }
const unlimited = { uploadBytes: 1e12, uploadTtlHours: 24 }
const openUploads = (limits: Partial<typeof unlimited> = {}, sweepMs = 3_600_000): Uploads =>
  createUploads({ database, limits: { ...unlimited, ...limits }, log: silent, sweepMs })

async function* pieces(...contents: (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const content of contents) yield Buffer.from(content)
}
const linesOf = (count: number, length = 8) => `"${'x'.repeat(length - 3)}"\n`.repeat(count)

async function rowsLeft(tenant: string) {
  const [rows] = await database.query<{ uploads: number; parts: number }>(
    `select (select count(*)::int from uploads where tenant = $1) as uploads,
            (select count(*)::int from upload_parts where tenant = $1) as parts`,
    [tenant],
  )
  return rows
}
const nothing = { uploads: 0, parts: 0 }

const expire = (tenant: string) =>
  database.query(`update uploads set expires_at = now() - interval '1 second' where tenant = $1`, [tenant])

describe('receiving a file', () => {
  it('keeps its records in parts, with what is known of them', async () => {
    const tenant = newTenant()
    const file = `{"key":"0"}\n\nnot\0\n${linesOf(2500)}`
    const received = await openUploads().receive(tenant, ndjson, pieces(file))
    expect(received).toEqual({ uploadId: expect.any(String), bytes: Buffer.byteLength(file), records: 2502 })
    expect(await findUpload(database, tenant, received.uploadId)).toEqual({
      id: received.uploadId,
      format: 'NDJSON',
      bytes: Buffer.byteLength(file),
      records: 2502,
      parts: 3,
      header: null,
      contentHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    const parts = await readParts(database, tenant, received.uploadId, 0, 2)
    expect(parts.map(({ part, size, firstLine }) => [part, size, firstLine])).toEqual([
      [0, 1000, 1],
      [1, 1000, 1002],
    ])
    expect(parts[0]).toMatchObject({ malformed: { 1: expect.stringMatching(/NUL/) } })
    expect(parts[0]?.lines?.slice(0, 3)).toEqual([1, 3, 4])
    expect(parts[0]?.content.startsWith('{"key":"0"}\n\n"xxxxx"\n')).toBe(true)
    expect(parts[1]).toMatchObject({ lines: null, malformed: null, content: linesOf(1000) })
    const [last, ...more] = await readParts(database, tenant, received.uploadId, 2, 5)
    expect([last?.size, more]).toEqual([502, []])
  })

  it('keeps the header of CSV', async () => {
    const tenant = newTenant()
    const { uploadId, records } = await openUploads().receive(tenant, csv, pieces('key;na', 'me\n1;"a\nb"\n'))
    expect(records).toBe(1)
    expect(await findUpload(database, tenant, uploadId)).toMatchObject({
      format: 'CSV',
      header: { columns: ['key', 'name'], delimiter: ';' },
    })
  })

  it('tells the same content by its hash, however it was sent, and other content or another format by another', async () => {
    const tenant = newTenant()
    const uploads = openUploads()
    const hashOf = async (file: UploadFile, content: AsyncIterable<Buffer>) => {
      const { uploadId } = await uploads.receive(tenant, file, content)
      return (await findUpload(database, tenant, uploadId))?.contentHash
    }
    const first = await hashOf(ndjson, pieces('1\n2\n'))
    expect(await hashOf(ndjson, pieces('1', '\n2\n'))).toBe(first)
    expect(await hashOf({ ...ndjson, isGzip: true }, pieces(gzipSync('1\n2\n')))).toBe(first)
    expect(await hashOf(ndjson, pieces('1\n2'))).not.toBe(first)
    expect(await hashOf(csv, pieces('1\n2\n'))).not.toBe(first)
  })

  it.each<[string, Buffer[]]>([
    ['in one piece with it', [Buffer.concat([gzipSync('1\n'), Buffer.alloc(700)])]],
    ['in pieces of their own', [gzipSync('1\n'), Buffer.alloc(100), Buffer.alloc(400_000)]],
    ['behind several members', [gzipSync('1'), gzipSync('\n'), Buffer.alloc(512)]],
  ])('passes over zeros after gzip, %s', async (_name, content) => {
    const received = await openUploads().receive(newTenant(), { ...ndjson, isGzip: true }, pieces(...content))
    expect(received).toMatchObject({ bytes: 2, records: 1 })
  })

  it('takes no more of it before what came is stored', async () => {
    const storing = Promise.withResolvers<void>()
    const slow: Database = {
      ...database,
      async transaction(work) {
        await storing.promise
        return database.transaction(work)
      },
    }
    let taken = 0
    const source = async function* () {
      while (taken < 20) {
        taken += 1
        yield Buffer.from(linesOf(1000, 300))
      }
    }
    const uploads = createUploads({ database: slow, limits: unlimited, log: silent })
    const received = uploads.receive(newTenant(), ndjson, source())
    await eventually(() => expect(taken).toBeGreaterThan(0))
    for (let turn = 0; turn < 100; turn += 1) await setImmediate()
    expect(taken).toBeLessThanOrEqual(2)
    storing.resolve()
    expect(await received).toMatchObject({ records: 20_000 })
  })

  it('holds nothing of the database while it waits', async () => {
    const tenant = newTenant()
    const source = async function* () {
      yield Buffer.from(linesOf(2000, 300))
      // Another file of the same tenant comes and ends meanwhile; PGlite, which has one connection, is free too.
      await openUploads().receive(tenant, ndjson, pieces('1\n'))
      expect(await rowsLeft(tenant)).toEqual({ uploads: 2, parts: 3 })
      yield Buffer.from('1\n')
    }
    await openUploads().receive(tenant, ndjson, source())
  })

  it.each([
    ['plain', false],
    ['compressed', true],
  ])('is not read on once it is too large, %s', async (_name, isGzip) => {
    const uploads = createUploads({ database, limits: { ...unlimited, uploadBytes: 1_000_000 }, log: silent })
    const ended = Promise.withResolvers<void>()
    const piece = Buffer.alloc(64 * 1_048_576, 'x\n')
    async function* content() {
      try {
        for (;;) yield isGzip ? gzipSync(piece) : piece
      } finally {
        ended.resolve()
      }
    }
    const file = { ...ndjson, isGzip }
    await expect(uploads.receive(newTenant(), file, content())).rejects.toThrow(/more than the limit uploadBytes/)
    await ended.promise
  })

  it('leaves nothing when its content breaks off', async () => {
    const tenant = newTenant()
    const broken = async function* () {
      yield Buffer.from(linesOf(3000, 300))
      throw new Error('the client went away')
    }
    await expect(openUploads().receive(tenant, ndjson, broken())).rejects.toThrow('the client went away')
    expect(await rowsLeft(tenant)).toEqual(nothing)
  })

  it.each<[string, UploadFile, Buffer | string, RegExp]>([
    ['no records', ndjson, '\n \n', /no records/],
    ['nothing but a header', csv, 'key,name\n', /no records/],
    ['a header that names a column twice', csv, 'key,key\n1,2\n', /names "key" more than once/],
    ['what is no gzip', { ...ndjson, isGzip: true }, '1\n', /not gzip to its end/],
    ['nothing in place of gzip', { ...ndjson, isGzip: true }, '', /no records/],
    [
      'gzip that breaks off',
      { ...ndjson, isGzip: true },
      gzipSync(linesOf(9000)).subarray(0, -9),
      /not gzip to its end/,
    ],
    [
      'gzip with something after zeros',
      { ...ndjson, isGzip: true },
      Buffer.concat([gzipSync('1\n'), Buffer.alloc(300), gzipSync('2\n')]),
      /not gzip to its end/,
    ],
    [
      'gzip with something after it',
      { ...ndjson, isGzip: true },
      Buffer.concat([gzipSync('1\n'), Buffer.from('2\n')]),
      /not gzip to its end/,
    ],
    [
      'gzip with a wrong checksum',
      { ...ndjson, isGzip: true },
      Buffer.concat([gzipSync('1\n').subarray(0, -8), Buffer.alloc(8)]),
      /not gzip to its end/,
    ],
  ])('refuses %s, and leaves nothing', async (_name, file, content, message) => {
    const tenant = newTenant()
    const received = openUploads().receive(tenant, file, pieces(content))
    await expect(received).rejects.toThrow(FileFault)
    await expect(received).rejects.toThrow(message)
    expect(await rowsLeft(tenant)).toEqual(nothing)
  })

  it('takes gzip of several members as one file', async () => {
    const received = await openUploads().receive(
      newTenant(),
      { ...ndjson, isGzip: true },
      pieces(Buffer.concat([gzipSync('1\n2'), gzipSync('3\n')])),
    )
    expect(received).toMatchObject({ bytes: 5, records: 2 })
  })
})

describe('the limit uploadBytes', () => {
  const tooLarge = expect.objectContaining({
    exceedsLimit: true,
    message: expect.stringMatching(/uploadBytes leaves: 10000 bytes/),
  })

  it('is of the uncompressed bytes, to the byte', async () => {
    const uploads = openUploads({ uploadBytes: 10_000 })
    const tenant = newTenant()
    const file = (bytes: number): [UploadFile, AsyncIterable<Buffer>] => [
      { ...ndjson, isGzip: true },
      pieces(gzipSync(linesOf(1, bytes))),
    ]
    await expect(uploads.receive(tenant, ...file(10_001))).rejects.toEqual(tooLarge)
    expect(await rowsLeft(tenant)).toEqual(nothing)
    await uploads.receive(tenant, ...file(10_000))
  })

  it('is of all uploads of a tenant that are kept, and of no other', async () => {
    const uploads = openUploads({ uploadBytes: 10_000 })
    const tenant = newTenant()
    await uploads.receive(tenant, ndjson, pieces(linesOf(1, 6000)))
    await expect(uploads.receive(tenant, ndjson, pieces(linesOf(1, 6000)))).rejects.toThrow(/others use 6000/)
    await uploads.receive(newTenant(), ndjson, pieces(linesOf(1, 6000)))
    await uploads.receive(tenant, ndjson, pieces(linesOf(1, 4000)))
  })

  it('refuses by the length that was announced, before anything comes', async () => {
    let asked = false
    const never = async function* (): AsyncGenerator<Buffer> {
      asked = true
      yield Buffer.from('1\n')
    }
    const uploads = openUploads({ uploadBytes: 10_000 })
    await expect(uploads.receive(newTenant(), { ...ndjson, announcedBytes: 10_001 }, never())).rejects.toEqual(tooLarge)
    expect(asked).toBe(false)
  })

  it('refuses as soon as it is reached', async () => {
    let sent = 0
    const endless = async function* () {
      for (;;) {
        sent += 1000
        yield Buffer.alloc(1000, 'x')
      }
    }
    await expect(openUploads({ uploadBytes: 10_000 }).receive(newTenant(), ndjson, endless())).rejects.toEqual(tooLarge)
    expect(sent).toBe(11_000)
  })

  it('holds for files that come at once: of those that fit one by one, as many are taken as fit together', async () => {
    const tenant = newTenant()
    const uploads = openUploads({ uploadBytes: 10_000 })
    const both = [1, 2, 3, 4, 5].map(() => uploads.receive(tenant, ndjson, pieces(linesOf(100, 30), linesOf(100, 30))))
    const settled = await Promise.allSettled(both)
    expect(settled.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1)
    for (const one of settled) if (one.status === 'rejected') expect(one.reason).toEqual(tooLarge)
    const [kept] = await database.query<{ bytes: number }>(
      'select coalesce(sum(bytes), 0)::float8 as bytes from uploads where tenant = $1',
      [tenant],
    )
    expect(kept?.bytes).toBeLessThanOrEqual(10_000)
    // What was refused leaves its room to others.
    await uploads.receive(tenant, ndjson, pieces(linesOf(1, 10_000 - (kept?.bytes ?? 0))))
  })
})

describe('uploads that come at once', () => {
  /** A file of large records, and how many of them were asked for. */
  function largeFile(records: number, before: (place: number) => Promise<void> = async () => {}) {
    const asked = { records: 0 }
    async function* content() {
      for (let place = 0; place < records; place++) {
        await before(place)
        asked.records += 1
        yield Buffer.from(linesOf(1, 500_000))
      }
    }
    return { asked, content: content() }
  }

  it('share memory: who would take more than there is waits until others are done, and holds up no file of ordinary records', async () => {
    const uploads = createUploads({ database, limits: unlimited, log: silent, memoryBytes: 2_000_000 })
    const [reached, going] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const first = largeFile(20, async (place) => {
      if (place < 10) return
      reached.resolve()
      await going.promise
    })
    const received = [uploads.receive(newTenant(), ndjson, first.content)]
    await reached.promise
    const second = largeFile(20)
    received.push(uploads.receive(newTenant(), ndjson, second.content))
    await eventually(() => expect(second.asked.records).toBeGreaterThan(1))
    await uploads.receive(newTenant(), ndjson, pieces(linesOf(2500)))
    expect(second.asked.records).toBeLessThan(6)
    going.resolve()
    expect((await Promise.all(received)).map(({ records }) => records)).toEqual([20, 20])
  })

  it('never wait for each other alone', async () => {
    const uploads = createUploads({ database, limits: unlimited, log: silent, memoryBytes: 2_000_000 })
    const files = Array.from({ length: 5 }, () => largeFile(20))
    const received = files.map(({ content }) => uploads.receive(newTenant(), ndjson, content))
    expect((await Promise.all(received)).map(({ records }) => records)).toEqual([20, 20, 20, 20, 20])
  })

  // Transactions that wait for each other need connections of their own: PGlite has one.
  if (process.env['DATABASE_URL']) {
    it.each([
      ['of one tenant', 1],
      ['of several', 8],
    ])('%s leave connections to others while they wait to be stored', async (_name, owners) => {
      const few = openPostgres(database.url ?? '', { maxConnections: 5 })
      try {
        const uploads = createUploads({ database: few, limits: unlimited, log: silent })
        const owner = Array.from({ length: owners }, newTenant)
        const [sent, received]: Promise<unknown>[][] = [[], []]
        await database.transaction(async (transaction) => {
          for (const tenant of owner) await lockUploads(transaction, tenant)
          for (let file = 0; file < 16; file++) {
            const end = Promise.withResolvers<void>()
            async function* content() {
              yield Buffer.from('1\n')
              end.resolve()
            }
            sent?.push(end.promise)
            received?.push(uploads.receive(owner[file % owners] ?? '', ndjson, content()))
          }
          await Promise.all(sent ?? [])
          await few.query('select 1')
          if (owners === 1) await uploads.receive(newTenant(), ndjson, pieces('1\n'))
        })
        await Promise.all(received ?? [])
      } finally {
        await few.close()
      }
    })
  }
})

describe('an upload', () => {
  it('is not there for another tenant, nor under any other text', async () => {
    const tenant = newTenant()
    const { uploadId } = await openUploads().receive(tenant, ndjson, pieces('1\n'))
    expect(await findUpload(database, tenant, uploadId)).not.toBeNull()
    for (const [other, id] of [
      [newTenant(), uploadId],
      [tenant, `${uploadId}x`],
      [tenant, ''],
      [tenant, "' or true --"],
      [tenant, uploadId.toUpperCase()],
    ] as const) {
      expect(await findUpload(database, other, id)).toBeNull()
    }
    expect(await readParts(database, newTenant(), uploadId, 0, 1)).toEqual([])
  })

  it('is not there before it came whole', async () => {
    const tenant = newTenant()
    const source = async function* () {
      yield Buffer.from(linesOf(2000, 300))
      const [row] = await database.query<{ id: string }>('select id from uploads where tenant = $1', [tenant])
      expect(await findUpload(database, tenant, row?.id ?? '')).toBeNull()
    }
    await openUploads().receive(tenant, ndjson, source())
  })

  it('hands out large parts one by one', async () => {
    const tenant = newTenant()
    const { uploadId } = await openUploads().receive(tenant, ndjson, pieces(linesOf(2001)))
    await database.query(
      `update upload_parts set content = repeat('x', 40000000) where tenant = $1 and upload_id = $2::uuid and part < 2`,
      [tenant, uploadId],
    )
    const sizes = async (from: number) => (await readParts(database, tenant, uploadId, from, 5)).map(({ part }) => part)
    expect(await sizes(0)).toEqual([0])
    expect(await sizes(1)).toEqual([1, 2])
  })

  /** A sweep that has nothing left to do once `stop` has resolved. */
  const sweepOnce = async () => {
    const uploads = openUploads()
    uploads.start()
    await eventually(async () => {
      const [row] = await database.query<{ due: number }>(
        'select count(*)::int as due from uploads where expires_at <= now()',
      )
      expect(row?.due).toBe(0)
    })
    await uploads.stop()
  }

  it('is kept for uploadTtlHours, and then removed with all its parts', async () => {
    const tenant = newTenant()
    const { uploadId } = await openUploads({ uploadTtlHours: 5 }).receive(tenant, ndjson, pieces(linesOf(205_000)))
    const [row] = await database.query<{ hours: number }>(
      'select extract(epoch from expires_at - now())::float8 / 3600 as hours from uploads where tenant = $1',
      [tenant],
    )
    expect(row?.hours).toBeCloseTo(5, 1)
    await sweepOnce()
    expect(await rowsLeft(tenant)).toEqual({ uploads: 1, parts: 205 })
    await expire(tenant)
    await sweepOnce()
    expect(await rowsLeft(tenant)).toEqual(nothing)
    expect(await findUpload(database, tenant, uploadId)).toBeNull()
  })

  it.each(['STAGING', 'PAUSED'])('stays as long as a job is to read it that is %s', async (state) => {
    const tenant = newTenant()
    const { uploadId } = await openUploads().receive(tenant, ndjson, pieces('1\n'))
    const jobId = '00000000-0000-7000-8000-000000000001'
    await database.query(
      `insert into jobs (tenant, id, kind, state, operation, options, total, staged, source)
       values ($1, $2::uuid, 'PROFILES', $3, 'importProfiles', '{}', 1, 0, $4::jsonb)`,
      [tenant, jobId, state, JSON.stringify({ kind: 'upload', uploadId })],
    )
    await database.query(
      `insert into deliveries (tenant, job_id, ordinal, destination_id, adapter, state, counts, batches_total, staging)
       values ($1, $2::uuid, 0, 'local', 'local', 'PAUSED', '{}', 1, true)`,
      [tenant, jobId],
    )
    await expire(tenant)
    await sweepOnce()
    expect(await rowsLeft(tenant)).toEqual({ uploads: 1, parts: 1 })
    await database.query('update deliveries set staging = false where tenant = $1', [tenant])
    await expire(tenant)
    await sweepOnce()
    expect(await rowsLeft(tenant)).toEqual(nothing)
  })

  it('whose process went away is removed, and cannot be gone on with', async () => {
    const tenant = newTenant()
    const source = async function* () {
      yield Buffer.from(linesOf(2000, 300))
      await expire(tenant)
      await sweepOnce()
      yield Buffer.from(linesOf(2000, 300))
    }
    await expect(openUploads().receive(tenant, ndjson, source())).rejects.toThrow(/given up/)
    expect(await rowsLeft(tenant)).toEqual(nothing)
  })

  it('that comes slowly is kept alive', async () => {
    const tenant = newTenant()
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    try {
      const secondsLeft = async () => {
        const [row] = await database.query<{ seconds: number }>(
          'select extract(epoch from expires_at - now())::float8 as seconds from uploads where tenant = $1',
          [tenant],
        )
        return row?.seconds ?? 0
      }
      const source = async function* () {
        yield Buffer.from('1\n')
        await database.query(`update uploads set expires_at = now() + interval '1 second' where tenant = $1`, [tenant])
        vi.advanceTimersByTime(60_000)
        await eventually(async () => expect(await secondsLeft()).toBeGreaterThan(100))
      }
      await openUploads().receive(tenant, ndjson, source())
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  it('is waited for when the engine stops', async () => {
    const uploads = openUploads()
    const going = Promise.withResolvers<void>()
    const source = async function* () {
      yield Buffer.from('1\n')
      await going.promise
    }
    const received = uploads.receive(newTenant(), ndjson, source())
    let stopped = false
    const stopping = uploads.stop().then(() => {
      stopped = true
    })
    await database.query('select 1')
    expect(stopped).toBe(false)
    going.resolve()
    await received
    await stopping
  })

  // Two transactions at once need two connections: PGlite has one.
  if (process.env['DATABASE_URL']) {
    it('waits for others of its tenant that are being stored, so that the limit is exact', async () => {
      const tenant = newTenant()
      const waiting = () =>
        database.query(`select from pg_stat_activity where datname = current_database() and wait_event = 'advisory'`)
      const { received } = await database.transaction(async (transaction) => {
        await lockUploads(transaction, tenant)
        const begun = openUploads({ uploadBytes: 10_000 }).receive(tenant, ndjson, pieces(linesOf(1, 6000)))
        await eventually(async () => expect(await waiting()).toHaveLength(1))
        await transaction.query(
          `insert into uploads (tenant, id, format, bytes, expires_at) values ($1, gen_random_uuid(), 'CSV', 6000, now() + interval '1 hour')`,
          [tenant],
        )
        return { received: begun }
      })
      await expect(received).rejects.toThrow(/others use 6000/)
    })

    it('is removed with all its parts though another process that was at them went away', async () => {
      const tenant = newTenant()
      const { uploadId: id } = await openUploads().receive(tenant, ndjson, pieces(linesOf(205_000)))
      const key = { tenant, id }
      await giveUpUpload(database, key)
      const waiting = () =>
        database.query(`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)
      const { removed } = await database.transaction(async (transaction) => {
        expect(await removeParts(transaction, key)).toBe(false)
        const begun = removeUpload(database, key, () => false)
        await eventually(async () => expect(await waiting()).toHaveLength(1))
        return { removed: begun }
      })
      await removed
      expect(await rowsLeft(tenant)).toEqual(nothing)
    })

    it('is not removed under a transaction that stores a job for it', async () => {
      const tenant = newTenant()
      const { uploadId } = await openUploads().receive(tenant, ndjson, pieces('1\n'))
      await expire(tenant)
      const other: Database = openPostgres(database.url ?? '', { maxConnections: 1 })
      try {
        await database.transaction(async (transaction) => {
          expect(await findUpload(transaction, tenant, uploadId)).not.toBeNull()
          expect(await other.transaction(giveUpExpired)).toBeNull()
        })
        expect(await other.transaction(giveUpExpired)).toMatchObject({ key: { tenant, id: uploadId }, isInUse: false })
      } finally {
        await other.close()
      }
      await sweepOnce()
    })
  }
})
