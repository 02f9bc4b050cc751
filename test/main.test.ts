import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runMain, type SpawnedGateway, spawnGateway } from './support/gateway.ts'
import { openReadySocket } from './support/web-socket.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gateway-main-'))
})
afterAll(() => rm(directory, { recursive: true }))

const upsert = /* GraphQL */ `
  mutation ($input: BulkUpsertProfilesInput!) {
    bulkUpsertProfiles(input: $input) { __typename ... on JobPayload { job { id state } } }
  }
`
const input = {
  destinations: ['local'],
  matching: 'KEY',
  upsert: 'CREATE_OR_UPDATE',
  waitSeconds: 10,
  profiles: [{ key: 'one', firstName: 'Ada' }],
}

test('serves the real schema, counts what it does, and drains on SIGTERM even under clients that hang', async () => {
  const gateway = await spawnGateway()
  try {
    expect(gateway.log).toContainEqual(expect.stringContaining(`the gateway listens at ${gateway.url}`))
    const answer = await gateway.request<{ bulkUpsertProfiles: { job: { state: string } } }>(upsert, { input })
    expect(answer.data?.bulkUpsertProfiles.job.state).toBe('SUCCEEDED')
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text()
    expect(metrics).toContain('gateway_jobs_accepted_total{kind="PROFILES"} 1')
    expect(metrics).toContain('gateway_records_applied_total{outcome="CREATED"} 1')

    const socket = await openReadySocket(gateway.url)
    // One that never finishes its request, and one that says nothing.
    const hanging = connect(gateway.port, '127.0.0.1')
    hanging.write(
      'POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
    )
    const silent = connect(gateway.port, '127.0.0.1')
    for (const one of [hanging, silent]) one.on('error', () => {})
    await Promise.all([once(hanging, 'connect'), once(silent, 'connect')])

    const started = performance.now()
    gateway.process.kill('SIGTERM')
    expect((await socket.closed).code).toBe(1001)
    expect(await gateway.exited).toEqual({ code: 0, signal: null })
    expect(performance.now() - started).toBeLessThan(10_000)
  } finally {
    await gateway.close()
  }
})

test('exits at once on a second signal', async () => {
  const gateway = await spawnGateway()
  try {
    const hanging = connect(gateway.port, '127.0.0.1')
    hanging.on('error', () => {})
    hanging.write(
      'POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
    )
    await once(hanging, 'connect')
    await expect.poll(() => metric(gateway, /nodejs_active_resources{type="TCPSocketWrap"} (\d+)/)).toBeGreaterThan(1)
    gateway.process.kill('SIGINT')
    await expect.poll(() => gateway.log.some((line) => line.includes('the gateway stops'))).toBe(true)
    // The first signal would end it too, with code 0 once the hanging request is given up.
    gateway.process.kill('SIGINT')
    expect(await gateway.exited).toEqual({ code: 1, signal: null })
  } finally {
    await gateway.close()
  }
})

async function metric({ url }: SpawnedGateway, pattern: RegExp): Promise<number> {
  return Number(pattern.exec(await (await fetch(`${url}/metrics`)).text())?.[1])
}

test('is loaded in little memory, and takes more where it is worked with', async () => {
  const gateway = await spawnGateway()
  const young = () => metric(gateway, /nodejs_heap_space_size_total_bytes{space="new"} (\d+)/)
  try {
    const atRest = await young()
    expect(atRest).toBeLessThanOrEqual(4 * 1024 * 1024)
    for (let batch = 0; batch < 10; batch++) {
      const profiles = Array.from({ length: 1000 }, (_, place) => ({
        key: `${batch} ${place}`,
        lastName: `Last ${place}`,
      }))
      await gateway.request(upsert, { input: { ...input, profiles } })
    }
    expect(await young()).toBeGreaterThan(atRest)
  } finally {
    await gateway.close()
  }
})

test('serves health and metrics alone as a worker', async () => {
  const gateway = await spawnGateway({ environment: { ROLE: 'worker' } })
  try {
    const status = async (path: string) => (await fetch(`${gateway.url}${path}`)).status
    expect(await status('/health/ready')).toBe(200)
    expect(await status('/metrics')).toBe(200)
    expect(await status('/graphql?query={__typename}')).toBe(404)
  } finally {
    await gateway.close()
  }
})

describe('a gateway that cannot start exits with 1 and says why', () => {
  const run = async (environment: Record<string, string>) => {
    const { child, exited } = runMain({ PORT: '0', DATA_DIR: 'memory', ...environment }, directory)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk
      })
    }
    expect(await exited).toEqual({ code: 1, signal: null })
    return output
  }

  test('naming every fault of the configuration', async () => {
    const output = await run({ PORT: 'x', ROLE: 'boss', HOST: '0.0.0.0' })
    expect(output).toMatch(/3 faults/)
    expect(output).toMatch(/^ {2}PORT: /m)
    expect(output).toMatch(/^ {2}ROLE: /m)
    expect(output).toMatch(/^ {2}HOST: /m)
    expect(output).not.toContain('    at ')
  })

  test('when the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    expect(await run({ PORT: `${port}` })).toContain(`127.0.0.1:${port} is taken by another process`)
    other.close()
  })

  test('when the database cannot be reached, without its password', async () => {
    const output = await run({ DATABASE_URL: 'postgres://user:hunter2@127.0.0.1:1/gateway' })
    expect(output).toContain('check DATABASE_URL')
    expect(output).not.toContain('hunter2')
  })

  test('when another process has its DATA_DIR', async () => {
    const dataDirectory = join(directory, 'data')
    const first = await spawnGateway({ environment: { DATA_DIR: dataDirectory, DATABASE_URL: '' } })
    try {
      expect(await run({ DATA_DIR: dataDirectory })).toContain(`DATA_DIR ${dataDirectory} is in use by another process`)
    } finally {
      await first.close()
    }
  })
})
