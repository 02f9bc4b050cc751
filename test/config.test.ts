import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { ConfigurationError, readConfig } from '../src/config.ts'

const directory = mkdtempSync(join(tmpdir(), 'gateway-config-'))
afterAll(() => rmSync(directory, { recursive: true }))

function read(environment: Record<string, string>, file?: unknown) {
  const name = `${Math.random()}.json`
  if (file !== undefined) {
    writeFileSync(join(directory, name), typeof file === 'string' ? file : JSON.stringify(file))
  }
  return readConfig(file === undefined ? environment : { GATEWAY_CONFIG: name, ...environment }, { directory })
}

function faultsOf(environment: Record<string, string>, file?: unknown): Record<string, string> {
  try {
    read(environment, file)
  } catch (error) {
    if (error instanceof ConfigurationError) {
      return Object.fromEntries(error.faults.map(({ path, message }) => [path, message]))
    }
    throw error
  }
  return {}
}

const key = { key: 'a-key', tenant: 'acme', scopes: ['read'] }

test('needs nothing: the defaults are a keyless gateway on loopback with an embedded store', () => {
  expect(read({})).toEqual({
    host: '127.0.0.1',
    port: 4000,
    databaseUrl: null,
    dataDirectory: join(directory, '.data'),
    role: 'all',
    logLevel: 'info',
    production: false,
    apiKeys: [],
    jwt: null,
    tenants: new Map(),
    limits: {
      bodyBytes: 33554432,
      recordsPerMutation: 10000,
      queryDepth: 12,
      aliases: 30,
      tokens: 20000,
      uploadBytes: 10737418240,
      uploadTtlHours: 24,
      resultRetentionDays: 30,
    },
    corsOrigins: [],
  })
})

test('puts environment variables into the file, and keeps of a key its hash alone', () => {
  const config = read(
    { ACME_KEY: 'secret"key', DATA_DIR: 'memory', NODE_ENV: 'production' },
    {
      apiKeys: [{ key: `$\{ACME_KEY}`, tenant: 'acme', scopes: ['read', 'write'] }],
      tenants: { acme: {}, globex: { destinations: [{ id: 'local', adapter: 'local' }] } },
      limits: { queryDepth: 5 },
      corsOrigins: ['https://app.example.com'],
    },
  )
  expect(config.apiKeys).toMatchObject([{ tenant: 'acme', scopes: ['read', 'write'] }])
  expect(config.apiKeys[0]?.hash.byteLength).toBe(32)
  expect(JSON.stringify(config)).not.toContain('secret')
  expect(config.tenants.get('acme')).toEqual([{ id: 'local', adapter: 'local' }])
  expect(config.tenants.get('globex')).toEqual([{ id: 'local', adapter: 'local' }])
  expect(config.limits).toMatchObject({ queryDepth: 5, aliases: 30 })
  expect(config).toMatchObject({ dataDirectory: null, production: true, corsOrigins: ['https://app.example.com'] })
})

test('reports all faults of environment and file at once, each with its path', () => {
  const faults = faultsOf(
    { PORT: '70000', ROLE: 'boss', LOG_LEVEL: 'loud', DATABASE_URL: 'mysql://u:hunter2@db/x' },
    {
      apiKeys: [key, { key: `$\{NOWHERE}`, tenant: '', scopes: ['root'] }],
      jwt: { jwksUrl: 'ftp://id', issuer: 'x' },
      tenants: {
        acme: {
          destinations: [
            { id: 'w', adapter: 'fax' },
            { id: 'other', adapter: 'local' },
          ],
        },
      },
      limits: { queryDepth: 0, speed: 3 },
      corsOrigins: ['https://app.example.com/', '*'],
      colour: 'red',
    },
  )
  expect(Object.keys(faults).sort()).toEqual(
    [
      'DATABASE_URL',
      'LOG_LEVEL',
      'PORT',
      'ROLE',
      'apiKeys[1].key',
      'apiKeys[1].scopes[0]',
      'apiKeys[1].tenant',
      'colour',
      'corsOrigins[0]',
      'corsOrigins[1]',
      'jwt.audience',
      'jwt.jwksUrl',
      'limits.queryDepth',
      'limits.speed',
      'tenants.acme.destinations[0].adapter',
      'tenants.acme.destinations[1].id',
    ].sort(),
  )
  expect(faults['apiKeys[1].key']).toBe(`the environment variable NOWHERE is not set: set it, or take $\{NOWHERE} out`)
  expect(faults['tenants.acme.destinations[0].adapter']).toContain('known: local')
  expect(faults['jwt.audience']).toBe('is missing')
  expect(JSON.stringify(faults)).not.toContain('hunter2')
})

test('asks for credentials before it listens to more than this machine', () => {
  for (const host of ['0.0.0.0', '::', 'gateway.example.com']) {
    expect(faultsOf({ HOST: host })['HOST']).toContain('configure apiKeys or jwt')
    expect(read({ HOST: host }, { apiKeys: [key] }).host).toBe(host)
  }
  for (const host of ['localhost', '::1', '127.0.0.2']) expect(read({ HOST: host }).host).toBe(host)
})

test('refuses one key and one destination id for two', () => {
  expect(faultsOf({}, { apiKeys: [key, { ...key, tenant: 'globex' }] })).toHaveProperty(['apiKeys[1].key'])
  const local = { id: 'local', adapter: 'local' }
  const faults = faultsOf({}, { tenants: { acme: { destinations: [local, local] } } })
  expect(faults).toHaveProperty(['tenants.acme.destinations[1].id'])
})

test('says which file is not JSON without quoting it, and which is not there', () => {
  const [broken] = Object.entries(faultsOf({}, '{ "apiKeys": hunter2 }'))
  expect(broken?.[0]).toContain(directory)
  expect(broken?.[1]).not.toContain('hunter2')
  expect(faultsOf({ GATEWAY_CONFIG: 'missing.json' })['GATEWAY_CONFIG']).toContain('missing.json')
})
