import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { CancelJobDocument, JobDocument, PauseJobDocument, ResumeJobDocument } from '../../src/cli/generated/graphql.ts'
import { ConnectionLost, createGraphqlClient } from '../../src/cli/graphql-client.ts'
import { readFlags } from '../../src/cli/import-flags.ts'
import { uploadFile } from '../../src/cli/upload-file.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'
import { openBreakingProxy } from '../support/breaking-proxy.ts'
import { type CommandEnd, type CommandOptions, type RunningCommand, startCommand } from '../support/command.ts'
import { eventually } from '../support/eventually.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { vendorDestinations } from '../support/vendor-destinations.ts'

const key = 'import-test-key'
const authorization = `Bearer ${key}`
const patience = 60_000

let directory: string
let sandbox: Sandbox
let gateway: TestGateway
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'import-test-'))
  sandbox = await startSandbox({ port: 0 })
  gateway = await openGateway({
    file: {
      apiKeys: [
        { key, tenant: 'acme', scopes: ['read', 'write', 'admin'] },
        { key: 'reader', tenant: 'acme', scopes: ['read'] },
      ],
      tenants: { acme: { destinations: vendorDestinations(sandbox).map((one) => ({ ...one, retryBaseMs: 50 })) } },
      limits: { uploadBytes: 5_000_000 },
    },
  })
}, patience)
afterAll(async () => {
  await gateway?.close()
  await sandbox?.stop()
  await rm(directory, { recursive: true })
})

/** A file of the test's own, by its path. */
async function file(name: string, content: string | Buffer): Promise<string> {
  const path = join(await mkdtemp(join(directory, 'file-')), name)
  await writeFile(path, content)
  return path
}

function start(parameters: readonly string[], { environment, ...options }: CommandOptions = {}): RunningCommand {
  const own = { GATEWAY_URL: gateway.url, GATEWAY_KEY: key, ...environment }
  return startCommand('import', parameters, { ...options, environment: own })
}

const run = (parameters: readonly string[], options: CommandOptions = {}): Promise<CommandEnd> =>
  start(parameters, { input: '', ...options }).ended

const jobIdIn = (output: string) => /\bJob (\S+):/.exec(output)?.[1] ?? 'none'

async function profile(key: string) {
  const query = /* GraphQL */ `query ($key: String!) { profile(by: { key: $key }) { email firstName } }`
  const { data } = await gateway.request<{ profile: object | null }>(query, { key }, { authorization })
  return data?.profile
}

test('uploads a CSV file with a mapping of its columns, shows how it goes, and ends with what became of it', async () => {
  const rows = Array.from({ length: 2500 }, (_, row) => `C-${row};c${row}@example.com;Ada ${row};x`)
  const path = await file('contacts.csv', `key;Mail=1;firstname;Notes\n${rows.join('\n')}\n`)
  const { code, stdout, stderr } = await run([path, '--column', 'Mail=1=email', '--column', 'Notes=', '--audit', 'one'])
  expect([code, stderr.includes('Error')], stdout + stderr).toEqual([0, false])
  expect(stderr).toMatch(/^ {2}uploading [\d,]+ of [\d,]+ bytes\n(.*\n)* {2}reading 0 of 2,500\n/)
  expect(stderr).toMatch(/^ {2}local +100 % {2}2,500 of 2,500/m)
  expect(stdout).toMatch(/^ +CREATED +state\nlocal +2,500 +SUCCEEDED$/m)
  expect(stdout).not.toContain('errors.csv')
  expect(await profile('C-7')).toEqual({ email: 'c7@example.com', firstName: 'Ada 7' })
  const { data } = await gateway.request(JobDocument, { id: jobIdIn(stdout) }, { authorization })
  expect(data?.job?.audit).toEqual(['one'])
})

test('sends a compressed NDJSON file as it is, to several destinations', async () => {
  const lines = ['G-1', 'G-2', 'G-3'].map((key) => `${JSON.stringify({ key, email: `${key}@example.com` })}\n`)
  const path = await file('contacts.ndjson.gz', gzipSync(lines.join('')))
  const { code, stdout } = await run([path, '--destination', 'local', '--destination', 'altcraft'])
  expect(code, stdout).toBe(0)
  expect(stdout).toMatch(/^local +3 +0 +SUCCEEDED\naltcraft +0 +3 +SUCCEEDED$/m)
  expect(sandbox.profiles('altcraft')).toHaveLength(3)
})

test('reads standard input', async () => {
  const input = '{"key":"S-1","firstName":"Grace"}\n'
  const { code, stdout } = await run(['-', '--format', 'ndjson', '--upsert', 'create-only'], { input })
  expect(code, stdout).toBe(0)
  expect(await profile('S-1')).toMatchObject({ firstName: 'Grace' })
})

test('says where the failed records are, to correct and import again', async () => {
  const path = await file('contacts.csv', 'key,email\nF-1,f1@example.com\nF-2,nobody\n')
  const { code, stdout } = await run([path])
  expect(code).toBe(1)
  expect(stdout).toMatch(/^local +1 +1 +PARTIALLY_FAILED$/m)
  const [, errors = ''] = /^errors\.csv +(\S+)$/m.exec(stdout) ?? []
  const [, failed = ''] = /^failed\.ndjson +(\S+)$/m.exec(stdout) ?? []
  expect(stdout).toMatch(/import again with the same flags, --column, --format and\n--idempotency-key apart/)
  expect(stdout).toMatch(/^Lines of which nothing could be read .* in errors\.csv alone/m)
  expect(await (await fetch(errors)).text()).toMatch(/^Code,Description,Index\r\n1010,"email is not.*",2\r\n$/)
  const corrected = (await (await fetch(failed)).text()).replace('nobody', 'f2@example.com')
  const again = await run([await file('failed.ndjson', corrected)])
  expect([again.code, await profile('F-2')]).toEqual([0, { email: 'f2@example.com', firstName: null }])
})

test('answers the same job to the same idempotency key, and refuses it for another file', async () => {
  const path = await file('contacts.csv', 'key\nI-1\n')
  const first = await run([path, '--idempotency-key', 'night-1'])
  const second = await run([path, '--idempotency-key', 'night-1'])
  expect([first.code, second.code]).toEqual([0, 0])
  expect(jobIdIn(second.stdout)).toBe(jobIdIn(first.stdout))
  const other = await run([await file('contacts.csv', 'key\nI-2\n'), '--idempotency-key', 'night-1'])
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining(`Its job is ${jobIdIn(first.stdout)}`)])
})

test.each<[string, string[], RegExp]>([
  ['no file', [], /FILE is missing/],
  ['two files', ['a.csv', 'b.csv'], /b\.csv is too many/],
  ['a wrong value', ['a.csv', '--matching', 'NAME'], /use one of KEY, PROFILE_ID/],
  ['a wrong number', ['a.csv', '--max-affected', '1.5'], /--max-affected 1.5 is not a whole number/],
  ['a number below the least', ['a.csv', '--max-affected', '-5'], /^--max-affected -5 is not a whole number from 1 up/],
  ['a wrong column', ['a.csv', '--column', 'email'], /is not HEADER=FIELD/],
  ['columns of NDJSON', ['a.ndjson', '--column', 'Mail=email'], /--column is for CSV files/],
  ['a file of unknown kind', ['a.txt'], /add --format csv or --format ndjson/],
])('says what is wrong with %s', (_name, parameters, message) => {
  expect(() => readFlags(parameters)).toThrow(message)
})

describe('exits with 2 and says what to do', () => {
  test.each<[string, string[], RegExp]>([
    ['a wrong flag', ['a.csv', '--destinations', 'local'], /--destinations.*--help/s],
    ['a file that is not there', ['nowhere/a.csv'], /nowhere\/a\.csv cannot be read: ENOENT/],
    ['an unknown destination', ['a.csv', '--destination', 'mars'], /no destination mars: use one of local, webex/],
  ])('to %s', async (_name, parameters, message) => {
    const { code, stdout, stderr } = await run(parameters)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(message)
  })

  test(
    'to what the gateway refuses',
    async () => {
      const path = await file('contacts.csv', 'key,birthDate\nR-1,1990-01-01\n')
      const refused: [string[], RegExp, Record<string, string>?][] = [
        [[path, '--matching', 'CUSTOM'], /matchingField: /],
        [[path, '--column', 'Nothing=email'], /columns\S*: .*Nothing/],
        [[path, '--destination', 'webex'], /"webex" does not support field birthDate/],
        [[await file('large.ndjson', '{}\n'.repeat(2_000_000))], /The file was refused: .*limit uploadBytes/],
        [[await file('plain.csv.gz', 'key\nR-1\n')], /The file was refused: The file is not gzip.*compress it again/],
        [[path], /credentials are not known here.*GATEWAY_KEY/, { GATEWAY_KEY: 'wrong' }],
        [[path], /needs the scope write/, { GATEWAY_KEY: 'reader' }],
        [[path], /No gateway answers at http:\/\/127\.0\.0\.1:1 /, { GATEWAY_URL: 'http://127.0.0.1:1' }],
        [[path], /GATEWAY_URL is not an address/, { GATEWAY_URL: '127.0.0.1:4000' }],
        [
          [path],
          /No gateway answers at https:\S+ \(what is there does not speak TLS: is it http:\/\/ \?\)/,
          { GATEWAY_URL: gateway.url.replace('http:', 'https:') },
        ],
      ]
      for (const [parameters, message, environment = {}] of refused) {
        const { code, stderr } = await run(parameters, { environment })
        expect([code, stderr]).toEqual([2, expect.stringMatching(message)])
      }
    },
    patience,
  )

  test('to an upload that breaks off', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/uploads') request.once('data', () => request.socket.destroy())
      else response.end('{"data":{"destinations":[{"id":"local","adapter":"local"}]}}')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const environment = { GATEWAY_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
    const { code, stderr } = await run([await file('a.ndjson', '{}\n'.repeat(1_000_000))], { environment })
    expect([code, stderr]).toEqual([2, expect.stringMatching(/The upload broke off .* import the file again/)])
  })
})

describe('a gateway that falls silent', () => {
  /** Takes connections, and what comes over them as far as that is asked for, and never answers. */
  async function openSilent({ isReading }: { isReading: boolean }): Promise<string> {
    const server = createTcpServer((socket) => {
      socket.on('error', () => {})
      if (isReading) socket.resume()
      else socket.pause()
      onTestFinished(() => void socket.destroy())
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  test('is given up by a request', async () => {
    const client = createGraphqlClient(await openSilent({ isReading: true }), { answerMs: 50 })
    onTestFinished(() => client.close())
    await expect(client.request(JobDocument, { id: 'x' })).rejects.toThrow(new ConnectionLost('it is silent'))
  })

  test.each([
    ['takes no more', false],
    ['does not answer', true],
  ])('is given up by an upload when it %s', async (_name, isReading) => {
    // More than sockets hold.
    const path = await file('large.ndjson', '{"key":"x"}\n'.repeat(2_000_000))
    const url = await openSilent({ isReading })
    const upload = uploadFile(
      { path, format: 'NDJSON', isGzip: false },
      { url, credential: null, onProgress: () => {}, idleMs: 200 },
    )
    await expect(upload).rejects.toThrow(/broke off \(the gateway is silent\)/)
  })

  test('is given up by an upload whose file was silent before', { timeout: patience }, async () => {
    const idleMs = 200
    const path = join(directory, 'slow.ndjson')
    execFileSync('mkfifo', [path])
    const source = createWriteStream(path).on('error', () => {})
    onTestFinished(() => void source.destroy())
    source.write('{"key":"x"}\n')
    const url = await openSilent({ isReading: false })
    const upload = uploadFile(
      { path, format: 'NDJSON', isGzip: false },
      { url, credential: null, onProgress: () => {}, idleMs },
    )
    const isGivenUp = expect(upload).rejects.toThrow(/broke off \(the gateway is silent\)/)
    await new Promise((resolve) => setTimeout(resolve, 3 * idleMs))
    source.write(Buffer.alloc(24_000_000, '{"key":"x"}\n'))
    await isGivenUp
  })
})

/** Stands before the gateway, and loses its first answer to an importProfiles. */
async function openLosingProxy(): Promise<string> {
  let isLost = false
  const server = createTcpServer((client) => {
    let isAsked = false
    const upstream = connect(gateway.port, '127.0.0.1')
    onTestFinished(() => void upstream.destroy())
    client.on('error', () => {}).on('close', () => upstream.destroy())
    upstream.on('error', () => {}).on('close', () => client.destroy())
    client.on('data', (bytes) => {
      isAsked ||= bytes.includes('importProfiles')
      upstream.write(bytes)
    })
    upstream.on('data', (bytes) => {
      if (!isAsked || isLost) return void client.write(bytes)
      isLost = true
      client.destroy()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('asks again for the job whose making was not answered', async () => {
  const path = await file('contacts.csv', 'key\nL-1\n')
  const environment = { GATEWAY_URL: await openLosingProxy() }
  const { code, stdout, stderr } = await run([path, '--audit', 'lost answer'], { environment })
  expect([code, stderr], stdout).toEqual([0, expect.stringMatching(/The connection was lost \(.+\): trying again/)])
  const query = '{ jobs(first: 100) { nodes { id audit } } }'
  const { data } = await gateway.request<{ jobs: { nodes: { id: string; audit: string[] }[] } }>(
    query,
    {},
    { authorization },
  )
  const made = data?.jobs.nodes.filter(({ audit }) => audit.includes('lost answer'))
  expect(made?.map(({ id }) => id)).toEqual([jobIdIn(stdout)])
})

/** Starts an import whose job does not end by itself: one of its vendors takes no call until the faults of the sandbox are cleared. */
async function startHeld(url: string, status = 429) {
  sandbox.fault({ vendor: 'webex', match: { times: 'always' }, fault: { kind: 'status', status } })
  onTestFinished(() => sandbox.clearFaults())
  const path = await file('contacts.csv', 'key\nH-1\nH-2\n')
  const parameters = [path, '--destination', 'local', '--destination', 'webex']
  const command = start(parameters, { environment: { GATEWAY_URL: url } })
  return { command, id: jobIdIn(await command.until(/local +100 %/)) }
}

describe('while the job runs', () => {
  test('goes on after a lost connection, and after one that just falls silent', { timeout: patience }, async () => {
    const proxy = await openBreakingProxy(gateway.url)
    onTestFinished(() => proxy.close())
    const { command, id } = await startHeld(proxy.url)
    proxy.mend()
    await command.until(/The connection was lost/)
    await gateway.request(PauseJobDocument, { id }, { authorization })
    await command.until(/local +100 %/, 2)

    const broken = proxy.breakInMidMessage()
    const message = fetch(proxy.url, { method: 'POST', body: 'x'.repeat(100_000) }).catch(() => null)
    await broken
    await command.until(/The connection was lost/, 2)
    proxy.mend()
    await message
    sandbox.clearFaults()
    await gateway.request(ResumeJobDocument, { id }, { authorization })
    const { code, stdout } = await command.ended
    expect(code, stdout).toBe(0)
    expect(stdout).toMatch(/^local .* SUCCEEDED\nwebex .* SUCCEEDED$/m)
  })

  test('says on Ctrl-C that the job goes on, and how to watch and cancel it', async () => {
    const { command, id } = await startHeld(gateway.url)
    command.signal('SIGINT')
    const { code, stderr } = await command.ended
    expect([code, stderr]).toEqual([130, expect.stringContaining(`The job ${id} goes on`)])
    expect(stderr).not.toContain(key)
    const { data } = await gateway.request(JobDocument, { id }, { authorization })
    expect(data?.job?.finishedAt).toBeNull()
    // As it is to be copied.
    const [, cancel = ''] = /-d '(\{.+\})'/.exec(stderr) ?? []
    await gateway.request(JSON.parse(cancel).query, {}, { authorization })
    await eventually(async () => {
      const { data } = await gateway.request(JobDocument, { id }, { authorization })
      expect(data?.job?.state).toBe('CANCELLED')
    })
  })

  test('tells records that may have been written from those that were not', async () => {
    const { command, id } = await startHeld(gateway.url, 503)
    await gateway.request(CancelJobDocument, { id }, { authorization })
    const { code, stdout } = await command.ended
    expect([code, stdout]).toEqual([1, expect.stringMatching(/^webex +0 +2 +FAILED$/m)])
    const [, unknown = ''] = /^failed\.ndjson +(\S+)$/m.exec(stdout) ?? []
    expect((await (await fetch(unknown)).text()).match(/H-\d/g)).toEqual(['H-1', 'H-2'])
  })
})

test('shows all flags', async () => {
  const { code, stdout } = await run(['--help'])
  expect(code).toBe(0)
  const query = '{ __type(name: "ImportProfilesInput") { inputFields { name } } }'
  const { data } = await gateway.request<{ __type: { inputFields: { name: string }[] } }>(query, {}, { authorization })
  // The file is uploaded, and the job is watched to its end.
  const others = new Set(['uploadId', 'waitSeconds'])
  const names = data?.__type.inputFields.map(({ name }) => name).filter((name) => !others.has(name)) ?? []
  expect(names).toHaveLength(16)
  for (const name of names) {
    const flag = name.replace(/^(destination|column)s$/, '$1').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    expect(stdout).toMatch(new RegExp(`^  --${flag} `, 'm'))
  }
})
