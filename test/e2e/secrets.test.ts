import { execFile } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { print } from 'graphql'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import {
  type BulkUpsertProfilesInput,
  JobResultsDocument,
  JobStatusDocument,
  JobsDocument,
} from '../../src/cli/generated/graphql.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'
import { vendorNames } from '../../src/sandbox/vendor.ts'
import { type GatewayClient, type GatewaySettings, type SpawnedGateway, spawnGateway } from '../support/gateway.ts'
import { acceptedJob, bulkUpsert } from '../support/jobs.ts'
import { openReadableStore, type ReadableStore } from '../support/readable-store.ts'
import { findSecrets, formsOf } from '../support/secret-search.ts'
import { openSocket } from '../support/web-socket.ts'
import {
  configurationFor,
  databasePassword,
  environment,
  failingStarts,
  faultsOf,
  quotingBodies,
  recordKeys,
  refusedDestinations,
  secrets,
  vendorSettings,
} from './secret-accounts.ts'

// One run in which everything goes well and wrong that has to do with a credential; then all that others may come to see is searched.

const key = `Bearer ${environment.ACME_KEY}`
const every = ['webex', 'dengage', 'altcraft', 'altcraft-xml']

/** What there is to see, by where it stands. */
const seen = {
  log: new Map<string, string>(),
  answers: new Map<string, string>(),
  tables: new Map<string, string>(),
  'command line': new Map<string, string>(),
  'output of a start that failed': new Map<string, string>(),
}
/** Answers to callers who themselves put the API key where it does not belong: their own words may come back to them. */
const quoting = new Map<string, string>()
/** The credentials that vendors were given in a header, D·engage's access tokens among them. */
const presented = new Set<string>()
/** What lets whoever has a link read a file: callers are given it, and nobody else. */
const signatures = new Set<string>()

let directory: string
let store: ReadableStore
let sandbox: Sandbox
let gateway: SpawnedGateway

const onRequest = (message: unknown) => {
  const { request } = message as { request: IncomingMessage }
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
  if (token !== undefined) presented.add(token)
}
const accessTokens = () => [...presented].filter((token) => !Object.values(secrets).includes(token))

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gateway-secrets-'))
  subscribe('http.server.request.start', onRequest)
  sandbox = await startSandbox({ port: 0, settings: vendorSettings })
  store = await openReadableStore(databasePassword)
  gateway = await startProcess({ file: configurationFor(sandbox.url), ...store.settings })
  await callVendors()
  await askForEverything()
  await askWrongly()
  await openSockets()
  await readCommandLine()
  await leaveTickets()
  gateway.process.kill('SIGTERM')
  expect(await gateway.exited).toEqual({ code: 0, signal: null })
  seen.log.set('stdout and stderr', gateway.log.join('\n'))
  for (const [table, rows] of await store.readTables()) seen.tables.set(table, rows)
  await failToStart()
}, 180_000)
afterAll(async () => {
  unsubscribe('http.server.request.start', onRequest)
  await gateway?.close()
  await sandbox?.stop()
  await store?.close()
  await rm(directory, { recursive: true, force: true })
})

function startProcess(settings: GatewaySettings): Promise<SpawnedGateway> {
  const variables = { ...environment, LOG_LEVEL: 'trace', ...settings.environment }
  return spawnGateway({ ...settings, environment: variables })
}

/** Keeps the whole answer, headers included. */
async function ask(path: string, init: RequestInit = {}, kept = seen.answers): Promise<void> {
  const response = await fetch(`${gateway.url}${path}`, init)
  const headers = JSON.stringify([...response.headers])
  kept.set(`answer ${kept.size} (${path.slice(0, 20)})`, `${response.status} ${headers} ${await response.text()}`)
}

/** Asks with the API key, and keeps each answer. */
const client: GatewayClient = {
  url: '',
  port: 0,
  databaseUrl: null,
  async request(document, variables, options) {
    const answer = await gateway.request(document, variables, { authorization: key, ...options })
    seen.answers.set(`answer ${seen.answers.size}`, JSON.stringify(answer))
    return answer
  },
}

const send = (destinations: string[], input: Partial<BulkUpsertProfilesInput> = {}) =>
  acceptedJob(client, {
    destinations,
    profiles: recordKeys.map((name) => ({ key: name, email: `${name}@example.com`, firstName: 'Ada' })),
    waitSeconds: 20,
    ...input,
  })

async function callVendors(): Promise<void> {
  expect(await send(['local', ...every])).toMatchObject({ state: 'SUCCEEDED' })
  // The first login has run out by then, and another one is made.
  await vi.waitFor(async () => {
    await send(['dengage'])
    expect(accessTokens().length).toBeGreaterThan(1)
  }, 30_000)
  // From here on a login lasts, so that the token that the vendor repeats is the one in use.
  sandbox.configure('dengage', { loginSeconds: 3600 })
  sandbox.fault({ vendor: 'dengage', match: { path: '/bulk/contacts' }, fault: { kind: 'status', status: 401 } })
  expect(await send(['dengage'])).toMatchObject({ state: 'SUCCEEDED' })

  expect(await send([...refusedDestinations, 'webex-nowhere'])).toMatchObject({ state: 'FAILED' })
  for (let turn = 0; turn < faultsOf('dengage', '').length; turn++) {
    for (const vendor of vendorNames) {
      for (const fault of faultsOf(vendor, accessTokens().at(-1) ?? '')[turn] ?? []) sandbox.fault(fault)
    }
    await send(every)
    sandbox.clearFaults()
  }

  const attributes = { nowhere: 'known' }
  for (const errorFile of ['path', 'url', 'inline']) {
    sandbox.configure('webex', { asynchronous: true, pendingPolls: 1, errorFile })
    await send(['webex'], {
      profiles: [
        { key: 'k-1', firstName: 'Ada' },
        { key: 'k-2', attributes },
      ],
    })
  }
  const body = `Code,Description,Index\n7029,"no right for ${environment.WEBEX_TOKEN}",1`
  sandbox.fault({ vendor: 'webex', match: { path: '/exports/' }, fault: { kind: 'status', status: 200, body } })
  sandbox.configure('webex', { errorFile: 'path' })
  await send(['webex'], { profiles: [{ key: 'k-2', attributes }] })
  sandbox.configure('webex', { errorFile: 'url', errorFileOrigin: 'https://elsewhere.example' })
  await send(['webex'], { profiles: [{ key: 'k-2', attributes }] })
}

/** All jobs with all their results and files, an idempotency key's conflict, the metrics, and the same while the database is away for a moment. */
async function askForEverything(): Promise<void> {
  for (const firstName of ['Ada', 'Ada', 'Alan']) {
    await bulkUpsert(client, { profiles: [{ key: 'k-1', firstName }], idempotencyKey: 'once' })
  }
  await store.cutConnections()
  const { data } = await vi.waitFor(async () => {
    const answer = await client.request(JobsDocument, { first: 1000 })
    expect(answer.data?.jobs?.nodes.length).toBeGreaterThan(20)
    return answer
  }, 30_000)
  for (const { id } of data?.jobs?.nodes ?? []) {
    await client.request(JobResultsDocument, { id, first: 1000 })
    const files = await client.request<{ job: { errorsCsvPath: string; failedRecordsPath: string } }>(
      'query ($id: ID!) { job(id: $id) { errorsCsvPath failedRecordsPath } }',
      { id },
    )
    for (const path of Object.values(files.data?.job ?? {})) {
      signatures.add(new URL(path, gateway.url).searchParams.get('signature') ?? '')
      await ask(path)
    }
  }
  await ask('/metrics', { headers: { authorization: key } })
  await ask('/health/ready')
}

async function askWrongly(): Promise<void> {
  const { ACME_KEY, READING_KEY } = environment
  const post = (authorization: string, body: string, kept = seen.answers) =>
    ask('/graphql', { method: 'POST', headers: { 'content-type': 'application/json', authorization }, body }, kept)
  const bad = [`Bearer ${environment.WRONG_TOKEN}`, `bearer  ${ACME_KEY} x`, ACME_KEY, `Basic ${btoa(`u:${ACME_KEY}`)}`]
  for (const authorization of bad) {
    await post(authorization, '{"query":"{ jobs { nodes { id } } }"}')
    await ask('/metrics', { headers: { authorization } })
    await ask('/uploads', {
      method: 'POST',
      headers: { authorization, 'content-type': 'text/csv' },
      body: 'key\nk-1\n',
    })
  }
  const write = 'mutation { defineProfileType(input: { name: "x" }) { __typename } }'
  await post(`Bearer ${READING_KEY}`, JSON.stringify({ query: write }))

  for (const body of quotingBodies) await post(key, body, quoting)
  const search = new URLSearchParams({ query: '{ __typename }', variables: ACME_KEY, token: ACME_KEY })
  await ask(`/graphql?${search}`, { headers: { authorization: key } }, quoting)
}

async function openSockets(): Promise<void> {
  const { ACME_KEY, WRONG_TOKEN } = environment
  const refused = [`Bearer ${WRONG_TOKEN}`, ACME_KEY, `Basic ${btoa(ACME_KEY)}`, { bearer: ACME_KEY }]
  for (const authorization of refused) {
    const socket = await openSocket(gateway.url)
    socket.send({ type: 'connection_init', payload: { authorization, token: ACME_KEY } })
    seen.answers.set(`refused socket ${seen.answers.size}`, JSON.stringify(await socket.closed))
  }
  const socket = await openSocket(gateway.url)
  const receive = async () => seen.answers.set(`message ${seen.answers.size}`, JSON.stringify(await socket.next()))
  socket.send({ type: 'connection_init', payload: { authorization: key } })
  await receive()
  const { id } = await send(['local'], { waitSeconds: 0 })
  socket.send({ type: 'subscribe', id: '1', payload: { query: print(JobStatusDocument), variables: { id } } })
  await receive()
  socket.send({ type: 'subscribe', id: '2', payload: { query: '{ nothing }', extensions: { token: ACME_KEY } } })
  await receive()
  socket.send({ type: 'nonsense', authorization: key })
  seen.answers.set('closed socket', JSON.stringify(await socket.closed))
}

async function readCommandLine(): Promise<void> {
  const pid = `${gateway.process.pid}`
  const shown = await Promise.allSettled([
    promisify(execFile)('ps', ['-ww', '-o', 'args=', '-p', pid]).then(({ stdout }) => stdout),
    readFile(`/proc/${pid}/cmdline`, 'utf8'),
  ])
  // Not every machine has both.
  for (const [place, one] of shown.entries()) {
    if (one.status === 'fulfilled') seen['command line'].set(place === 0 ? 'ps' : '/proc', one.value)
  }
}

/** Ends in the middle of two calls that the vendors have taken, so that their tickets stay where they are. */
async function leaveTickets(): Promise<void> {
  sandbox.configure('webex', { asynchronous: true, pendingPolls: 1_000_000 })
  const polls = () => sandbox.requests('webex').filter(({ path }) => path.includes('/profilequerystatus/')).length
  const before = polls()
  const wait = { kind: 'status', status: 429, headers: { 'retry-after': '600' } } as const
  sandbox.fault({ vendor: 'dengage', match: { path: '/bulk/contacts', nth: 2 }, fault: wait })
  const profiles = [{ key: 'k-3', email: 'passive@example.com', emailStatus: 'PASSIVE' as const }]
  await send(['webex'], { waitSeconds: 0 })
  await send(['dengage'], { profiles, waitSeconds: 0 })
  await vi.waitFor(() => {
    expect(polls()).toBeGreaterThan(before)
    expect(sandbox.requests('dengage').at(-1)).toMatchObject({ status: 429, endedAt: expect.any(Number) })
  }, 30_000)
}

async function failToStart(): Promise<void> {
  const broken = join(directory, 'broken.json')
  await writeFile(broken, `{ "apiKeys": [{ "key": "${environment.ACME_KEY}" "tenant": "acme" }] }`)
  const starts: typeof failingStarts = [
    ...failingStarts,
    ['a file that is not JSON', { environment: { GATEWAY_CONFIG: broken } }],
  ]
  const outputOf = ([name, settings]: (typeof failingStarts)[number]) =>
    startProcess({ databaseUrl: 'postgres://127.0.0.1:1/contacts', ...settings }).then(
      async (started) => {
        await started.close()
        throw new Error(`a gateway started with ${name}`)
      },
      (error: unknown) => seen['output of a start that failed'].set(name, String(error)),
    )
  await Promise.all(starts.map(outputOf))
}

test('the run met what it was to meet', () => {
  const { log, answers, tables } = seen
  const all = (places: ReadonlyMap<string, string>) => [...places.values()].join('\n')
  for (const level of ['debug', 'info', 'warn']) expect(all(log)).toContain(`"level":"${level}"`)
  for (const code of ['UNAUTHENTICATED', 'FORBIDDEN', 'DESTINATION_AUTH', 'DESTINATION_FORBIDDEN', 'NO_ANSWER']) {
    expect(all(answers)).toContain(code)
  }
  for (const text of ['IdempotencyConflictError', '[secret]', 'https://elsewhere.example', '4403']) {
    expect(all(answers)).toContain(text)
  }
  expect(all(quoting)).toContain('BAD_USER_INPUT')
  expect(all(answers)).toContain('Code,Description,Index')
  expect(Math.min(...[...signatures].map(({ length }) => length))).toBeGreaterThan(40)
  expect(presented).toContain(environment.WEBEX_TOKEN)
  expect(accessTokens().length).toBeGreaterThan(2)
  const batches = [...tables].find(([name]) => name.includes('batches'))?.[1].split('\n') ?? []
  expect(batches.filter((row) => !row.includes('"ticket": null'))).toHaveLength(2)
  for (const output of seen['output of a start that failed'].values()) expect(output).toMatch(/fault|DATABASE_URL/)
})

test.each(['log', 'answers', 'tables', 'command line', 'output of a start that failed'] as const)(
  'no secret stands in the %s',
  (kind) => {
    expect([...seen[kind].values()].join('').length).toBeGreaterThan(0)
    const passing = [...accessTokens(), ...(kind === 'answers' ? [] : signatures)]
    const named = passing.map((secret, place) => [`token or signature ${place}`, secret])
    expect(findSecrets(seen[kind], { ...secrets, ...Object.fromEntries(named) })).toEqual([])
  },
)

test('an answer that quotes its caller holds nothing of anybody else', () => {
  const { ACME_KEY: _, ...others } = secrets
  expect(findSecrets(quoting, others)).toEqual([])
})

test('a secret is found in whatever form it is written', () => {
  const { ACME_KEY, DENGAGE_PASSWORD } = environment
  for (const secret of [ACME_KEY, DENGAGE_PASSWORD, databasePassword]) {
    const isFound = (text: string) => findSecrets(new Map([['a text', text]]), { secret }).length === 1
    for (const form of formsOf(secret).values()) expect([form, isFound(`before ${form} after`)]).toEqual([form, true])
    for (const before of ['', 'u', 'u:', 'us:', 'use:']) {
      for (const after of ['', '.', '..']) {
        const whole = Buffer.from(`${before}${secret}${after}`)
        expect(isFound(whole.toString('base64'))).toBe(true)
        expect(isFound(whole.toString('base64url'))).toBe(true)
      }
    }
    expect(isFound(`before ${secret.slice(1)} after`)).toBe(false)
  }
})
