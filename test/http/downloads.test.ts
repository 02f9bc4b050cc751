import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDownloadRoute } from '../../src/http/downloads.ts'
import type { Job } from '../../src/jobs/job.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { acceptedImport, lineResults, sendFile } from '../support/imports.ts'

const acme = { authorization: 'Bearer acme-key' }
let gateway: TestGateway
beforeAll(async () => {
  gateway = await openGateway({
    file: {
      apiKeys: [
        { key: 'acme-key', tenant: 'acme', scopes: ['read', 'write'] },
        { key: 'acme-writer', tenant: 'acme', scopes: ['write'] },
        { key: 'other-key', tenant: 'other', scopes: ['read', 'write'] },
      ],
    },
  })
})
afterAll(() => gateway.close())

interface LinkedJob {
  id: string
  errorsCsvPath: string
  failedRecordsPath: string
}

const document = `mutation ($input: BulkUpsertProfilesInput!) {
  bulkUpsertProfiles(input: $input) { ... on JobPayload { job { id errorsCsvPath failedRecordsPath } } }
}`

async function jobOf(profiles: object[], options: object = {}): Promise<LinkedJob> {
  const input = { onInvalid: 'SKIP_INVALID', waitSeconds: 30, profiles, ...options }
  const { data } = await gateway.request<{ bulkUpsertProfiles: { job: LinkedJob } }>(document, { input }, acme)
  const job = data?.bulkUpsertProfiles.job
  if (!job) throw new Error('the records were refused')
  return job
}

const get = (path: string, headers: Record<string, string> = {}) => fetch(`${gateway.url}${path}`, { headers })
const withoutSignature = (path: string) => path.replace(/\?.*/, '')

describe('the error file', () => {
  it('has a line for each record that failed, as that of Webex Campaign, by a signed link', async () => {
    const job = await jobOf([
      { key: 'E-1', email: 'nobody' },
      { key: 'E-2' },
      { key: 'E-3', attributes: { 'a"b': 'x' } },
    ])
    const answer = await get(job.errorsCsvPath)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toMatch(/^text\/csv/)
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="errors.csv"')
    const text = await answer.text()
    const lines = text.split('\r\n')
    expect(lines[0]).toBe('Code,Description,Index')
    expect(lines[1]).toMatch(/^1010,"email is not an e-mail address.*",1$/)
    expect(lines[2]).toMatch(/^7029,"The profile type contact has no attribute a""b.*",3$/)
    expect(lines.slice(3)).toEqual([''])
  })

  it('gives the codes of Webex Campaign to what has one there', async () => {
    await jobOf([{ key: 'C-1' }])
    const exists = await jobOf([{ key: 'C-1' }], { upsert: 'CREATE_ONLY' })
    expect(await (await get(exists.errorsCsvPath)).text()).toMatch(/\r\n7201,".*",1\r\n$/)
    const missing = await jobOf([{ key: 'C-9' }], { upsert: 'UPDATE_ONLY' })
    expect(await (await get(missing.errorsCsvPath)).text()).toMatch(/\r\n7200,".*",1\r\n$/)
  })

  it('of a job without failures is its header', async () => {
    const job = await jobOf([{ key: 'H-1' }])
    expect(await (await get(job.errorsCsvPath)).text()).toBe('Code,Description,Index\r\n')
    expect(await (await get(job.failedRecordsPath)).text()).toBe('')
  })
})

describe('the failed records', () => {
  it('come back in the shape in which they were sent, over several chunks, and can be sent again', async () => {
    const profiles = Array.from({ length: 2500 }, (_, number) => ({
      key: `F-${number}`,
      clientRef: `row ${number}`,
      email: number % 500 === 7 ? `wrong ${number}` : `f${number}@example.com`,
    }))
    const job = await jobOf(profiles)
    const text = await (await get(job.failedRecordsPath)).text()
    const records = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(records).toEqual(profiles.filter((_, number) => number % 500 === 7))
    const csv = await (await get(job.errorsCsvPath)).text()
    expect(csv.match(/,\d+\r\n/g)?.map((end) => Number.parseInt(end.slice(1), 10))).toEqual([8, 508, 1008, 1508, 2008])

    const mended = await jobOf(records.map((record) => ({ ...record, email: `${record.key}@example.com` })))
    expect(await (await get(mended.failedRecordsPath)).text()).toBe('')
  })
})

describe('the failed records of extensions', () => {
  const extensionsOf = async (key: string) => {
    const query =
      'query ($key: String!) { profile(by: { key: $key }) { extensions { channel address name permission } } }'
    const { data } = await gateway.request<{ profile: { extensions: object[] } }>(query, { key }, acme)
    return data?.profile.extensions
  }

  it('can be imported as profiles, those apart that are moved or have no channel', async () => {
    const mutation = `mutation ($input: BulkUpsertExtensionsInput!) {
      bulkUpsertExtensions(input: $input) { ... on JobPayload { job { failedRecordsPath } } }
    }`
    const mail = { clientRef: 'row 1', key: 'X-1', address: 'x@example.com', channel: 'EMAIL', permission: true }
    const push = { key: 'X-1', address: 'token', channel: 'PUSH', provider: 'fcm', resourceId: 7 }
    const apart = [
      { key: 'X-1', address: 'x@example.com' },
      { ...mail, newAddress: 'y@example.com' },
      { ...mail, newKey: 'X-2' },
    ]
    const jobs = [
      { upsert: 'CREATE_OR_UPDATE', extensions: [mail, push] },
      { upsert: 'UPDATE_ONLY', extensions: apart },
    ].map(async (input) => {
      const { data } = await gateway.request<{ bulkUpsertExtensions: { job: LinkedJob } }>(
        mutation,
        { input: { onInvalid: 'SKIP_INVALID', waitSeconds: 30, ...input } },
        acme,
      )
      return (await get(data?.bulkUpsertExtensions.job.failedRecordsPath ?? '')).text()
    })
    const [failed = '', others = ''] = await Promise.all(jobs)
    expect(
      others
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(apart)

    await jobOf([{ key: 'X-1' }])
    const uploadId = await sendFile(gateway, { format: 'NDJSON', content: failed }, acme)
    const { id } = await acceptedImport(gateway, { uploadId, upsert: 'UPDATE_ONLY', waitSeconds: 30 }, acme)
    const results = await lineResults(gateway, id, null, acme)
    expect(results.map(({ key, outcome }) => [key, outcome])).toEqual([
      ['X-1', 'SUPERSEDED'],
      ['X-1', 'UPDATED'],
    ])
    expect(await extensionsOf('X-1')).toMatchObject([
      { channel: 'EMAIL', address: 'x@example.com', permission: true },
      { channel: 'PUSH', address: 'token' },
    ])
  })
})

describe('who may read them', () => {
  it('asks for credentials with the scope read where the link has no signature', async () => {
    const job = await jobOf([{ key: 'W-1', email: 'nobody' }])
    for (const path of [job.errorsCsvPath, job.failedRecordsPath].map(withoutSignature)) {
      const answer = await get(path)
      expect(answer.status).toBe(401)
      expect(await answer.json()).toEqual({ error: { code: 'UNAUTHENTICATED', message: expect.any(String) } })
      expect((await get(path, { authorization: 'Bearer acme-writer' })).status).toBe(403)
      expect((await get(path, acme)).status).toBe(200)
    }
  })

  it.each(['errorsCsvPath', 'failedRecordsPath'])(
    'gives %s, which needs no key, to those alone who may read',
    async (path) => {
      const { id } = await jobOf([{ key: 'W-2', email: 'nobody' }])
      const retry = `mutation ($input: RetryJobInput!) { retryJob(input: $input) { ... on JobPayload { job { parent { ${path} } } } } }`
      const { data, errors } = await gateway.request(
        retry,
        { input: { jobId: id } },
        { authorization: 'Bearer acme-writer' },
      )
      expect(data).toEqual({ retryJob: { job: { parent: null } } })
      const message = `${path} needs the scope read: use a key or token that has it`
      expect(errors).toMatchObject([{ message, extensions: { code: 'FORBIDDEN' } }])
    },
  )

  it('says of another tenant that there is no such job, whatever the key', async () => {
    const job = await jobOf([{ key: 'T-1', email: 'nobody' }])
    const answer = await get(withoutSignature(job.failedRecordsPath), { authorization: 'Bearer other-key' })
    expect(answer.status).toBe(404)
    expect(await answer.json()).toEqual({ error: { code: 'NOT_FOUND', message: 'There is no such job' } })
  })

  it('takes a signature for its own job alone, and as it was made', async () => {
    const [one, two] = [await jobOf([{ key: 'S-1' }]), await jobOf([{ key: 'S-2' }])]
    const signature = one.errorsCsvPath.split('signature=')[1] ?? ''
    expect((await get(`${withoutSignature(two.errorsCsvPath)}?signature=${signature}`)).status).toBe(403)
    expect((await get(`${withoutSignature(one.errorsCsvPath)}?signature=${signature.slice(0, -2)}aa`)).status).toBe(403)
    const [, mac] = signature.split('.')
    const forged = Buffer.from(JSON.stringify(['acme', '0198b6f0-0000-7000-8000-000000000000', 9e15])).toString(
      'base64url',
    )
    expect((await get(`${withoutSignature(one.errorsCsvPath)}?signature=${forged}.${mac}`)).status).toBe(403)
    expect((await get(`${withoutSignature(one.errorsCsvPath)}?signature=`)).status).toBe(403)
    expect((await get(one.errorsCsvPath)).status).toBe(200)
  })
})

describe('a wrong request', () => {
  it('is answered with what to do about it', async () => {
    const job = await jobOf([{ key: 'R-1', email: 'nobody' }])
    const faultOf = async (path: string, init: RequestInit = {}) => {
      const answer = await fetch(`${gateway.url}${path}`, init)
      return [answer.status, (await answer.json()).error]
    }
    expect(await faultOf(`${job.failedRecordsPath}&destination=nowhere`)).toEqual([
      400,
      { code: 'BAD_USER_INPUT', message: 'The job has no destination "nowhere": name one of local' },
    ])
    expect(await faultOf(`${job.failedRecordsPath}&outcomes=FAILED,CREATED`)).toMatchObject([
      400,
      { code: 'BAD_USER_INPUT' },
    ])
    expect(await faultOf(job.failedRecordsPath, { method: 'POST' })).toMatchObject([400, { code: 'BAD_USER_INPUT' }])
    const unknown = `/jobs/${encodeURIComponent(Buffer.from('Job:x').toString('base64'))}/errors.csv`
    expect(await faultOf(unknown, { headers: acme })).toMatchObject([404, { code: 'NOT_FOUND' }])
    expect((await get(`/jobs/%E0%A4%A/errors.csv`, acme)).status).toBe(404)
    expect((await get(`${job.failedRecordsPath}&destination=local&outcomes=FAILED,UNKNOWN`)).status).toBe(200)
  })
})

describe('a file under way', () => {
  const idleMs = 100

  /** Runs `work` against a route whose only file is this. */
  async function withFile(file: AsyncGenerator<Buffer>, work: (port: number, path: string) => Promise<void>) {
    const job = { removedAt: null, deliveries: [] as Job['deliveries'] } as Job
    const route = createDownloadRoute({
      engine: {
        jobs: async () => [job],
        links: { start: async () => {}, sign: () => '', verify: () => null },
        errorsCsv: () => file,
        failedRecords: () => file,
      },
      admit: async () => ({ tenant: 'acme', scopes: new Set(['read'] as const), expiresAt: null }),
      idleMs,
    })
    const server = createServer((request, response) => {
      route.answer(request, response).catch(() => response.destroy())
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const id = Buffer.from('Job:0198b6f0-0000-7000-8000-000000000000').toString('base64')
    try {
      await work((server.address() as AddressInfo).port, `/jobs/${encodeURIComponent(id)}/failed.ndjson`)
    } finally {
      server.closeAllConnections()
      server.close()
    }
  }

  it('is cut off where its reader takes nothing more', async () => {
    const left = Promise.withResolvers<void>()
    async function* endless() {
      try {
        for (;;) yield Buffer.alloc(65_536, 'x')
      } finally {
        left.resolve()
      }
    }
    await withFile(endless(), async (port, path) => {
      const reader = connect(port, '127.0.0.1')
      reader.on('error', () => {}).write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
      await once(reader, 'data')
      reader.pause()
      await left.promise
      reader.destroy()
    })
  })

  it('is not cut off while it is the gateway that takes its time', async () => {
    async function* slow() {
      yield Buffer.from('1\n')
      await new Promise((resolve) => setTimeout(resolve, 5 * idleMs))
      yield Buffer.from('2\n')
    }
    await withFile(slow(), async (port, path) => {
      expect(await (await fetch(`http://127.0.0.1:${port}${path}`)).text()).toBe('1\n2\n')
    })
  })

  it('that cannot be read to its end breaks off, and is not taken for a whole one', async () => {
    async function* broken() {
      yield Buffer.from('1\n')
      throw new Error('the records were removed')
    }
    await withFile(broken(), async (port, path) => {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`)
      await expect(answer.text()).rejects.toThrow('terminated')
    })
  })
})
