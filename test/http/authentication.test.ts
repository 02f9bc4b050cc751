import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient } from '../support/gateway.ts'
import { openServer, type TestServer } from '../support/http-server.ts'
import { openSocket } from '../support/web-socket.ts'

const issuer = 'https://id.example.com'
const { privateKey, publicKey } = await generateKeyPair('RS256')
const stranger = await generateKeyPair('RS256')
const jwks = createServer(async (_request, response) => {
  response.end(JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256' }] }))
})

let server: TestServer
beforeAll(async () => {
  await new Promise<void>((resolve) => jwks.listen(0, '127.0.0.1', resolve))
  server = await openServer({
    environment: { HOST: '0.0.0.0' },
    file: {
      apiKeys: [
        { key: 'acme-key', tenant: 'acme', scopes: ['read', 'write'] },
        { key: 'globex-key', tenant: 'globex', scopes: ['write'] },
      ],
      jwt: {
        jwksUrl: `http://127.0.0.1:${(jwks.address() as AddressInfo).port}`,
        issuer,
        audience: 'contacts',
        tenantClaim: 'org',
        scopeClaim: 'scope',
      },
    },
  })
})
afterAll(async () => {
  await server.close()
  jwks.close()
})

const url = () => server.url.replace('0.0.0.0', '127.0.0.1')

function token({
  tenant = 'acme',
  audience = 'contacts',
  expires = '1h',
  key = privateKey,
  scope = 'read write' as unknown,
} = {}) {
  return new SignJWT({ org: tenant, scope })
    .setProtectedHeader({ alg: 'RS256', kid: 'one' })
    .setIssuer(issuer)
    .setAudience(audience)
    .setExpirationTime(expires)
    .sign(key)
}

const unsigned = () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none' })}.${part({ org: 'acme', iss: issuer, aud: 'contacts' })}.`
}

const refused: [string, () => Promise<string | undefined> | string | undefined][] = [
  ['no credentials', () => undefined],
  ['an unknown key', () => 'Bearer nobody'],
  ['a key without Bearer', () => 'acme-key'],
  ['Basic credentials', () => 'Basic YWNtZTprZXk='],
  ['two keys', () => 'Bearer acme-key globex-key'],
  ['an unsigned token', () => `Bearer ${unsigned()}`],
  ['a token of another issuer’s key', async () => `Bearer ${await token({ key: stranger.privateKey })}`],
  ['a token for another audience', async () => `Bearer ${await token({ audience: 'billing' })}`],
  ['an expired token', async () => `Bearer ${await token({ expires: '-1h' })}`],
  ['a token without a tenant', async () => `Bearer ${await token({ tenant: '' })}`],
]

const accepted: [string, string, () => Promise<string> | string][] = [
  ['a key', 'acme', () => 'Bearer acme-key'],
  ['another tenant’s key', 'globex', () => 'bearer globex-key'],
  ['a token', 'initech', async () => `Bearer ${await token({ tenant: 'initech' })}`],
  ['a token with a list of scopes', 'acme', async () => `Bearer ${await token({ scope: ['read'] })}`],
]

describe('over HTTP', () => {
  test.each(refused)('answers 401 to %s', async (_name, credentials) => {
    const authorization = await credentials()
    const answer = await createClient(url()).request('{ tenant }', {}, authorization ? { authorization } : {})
    expect(answer).toMatchObject({ status: 401, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
    expect(answer).not.toHaveProperty('data')
    if (authorization) expect(JSON.stringify(answer)).not.toContain(authorization.split(' ').at(-1))
  })

  test.each(accepted)('lets %s in as %s', async (_name, tenant, credentials) => {
    const answer = await createClient(url()).request('{ tenant }', {}, { authorization: await credentials() })
    expect(answer).toMatchObject({ status: 200, data: { tenant } })
  })

  test('asks /metrics for the scope read, and /health for nothing', async () => {
    const ask = async (path: string, authorization?: string) =>
      (await fetch(`${url()}${path}`, authorization ? { headers: { authorization } } : {})).status
    expect(await ask('/metrics')).toBe(401)
    expect(await ask('/metrics', 'Bearer globex-key')).toBe(403)
    expect(await ask('/metrics', 'Bearer acme-key')).toBe(200)
    expect(await ask('/health/live')).toBe(200)
    expect(await ask('/health/ready')).toBe(200)
  })

  test('shows GraphiQL to browsers without credentials, and no data', async () => {
    const response = await fetch(`${url()}/graphql?query={tenant}`, { headers: { accept: 'text/html' } })
    expect(response.headers.get('content-type')).toContain('text/html')
    expect(response.headers.get('x-frame-options')).toBe('DENY')
    expect(await response.text()).not.toContain('"data"')
  })
})

describe('over WebSocket', () => {
  const connect = async (payload?: object) => {
    const socket = await openSocket(url())
    socket.send({ type: 'connection_init', ...(payload ? { payload } : {}) })
    return socket
  }

  test.each(refused)('closes with 4403 on %s', async (_name, credentials) => {
    const authorization = await credentials()
    const socket = await connect(authorization ? { authorization } : undefined)
    expect((await socket.closed).code).toBe(4403)
  })

  test.each(accepted)('lets %s in as %s', async (_name, tenant, credentials) => {
    const socket = await connect({ authorization: await credentials() })
    expect(await socket.next()).toEqual({ type: 'connection_ack' })
    socket.send({ type: 'subscribe', id: '1', payload: { query: '{ tenant }' } })
    expect(await socket.next()).toMatchObject({ type: 'next', payload: { data: { tenant } } })
    socket.close()
  })

  test('closes with 4401 on an operation before the credentials', async () => {
    const socket = await openSocket(url())
    socket.send({ type: 'subscribe', id: '1', payload: { query: '{ tenant }' } })
    expect((await socket.closed).code).toBe(4401)
  })

  test('speaks graphql-transport-ws alone', async () => {
    const socket = await openSocket(url(), { protocol: 'graphql-ws' }).catch((error: Error) => error)
    if (socket instanceof Error) expect(socket.message).toMatch(/protocol/i)
    else expect((await socket.closed).code).toBe(4406)
  })

  test('closes with 4403 when the token ends', async () => {
    const authorization = `Bearer ${await token({ expires: '1s' })}`
    const socket = await connect({ authorization })
    expect(await socket.next()).toEqual({ type: 'connection_ack' })
    socket.send({ type: 'subscribe', id: '1', payload: { query: 'subscription { ticks }' } })
    expect(await socket.closed).toEqual({ code: 4403, reason: 'The token has expired: get a new one' })
    await expect.poll(() => server.ticks.begun - server.ticks.ended).toBe(0)
  })
})

test('ends a stream of events when its token ends', async () => {
  const response = await fetch(`${url()}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${await token({ expires: '1s' })}`,
    },
    body: JSON.stringify({ query: 'subscription { ticks }' }),
  })
  const text = await response.text()
  expect(text).toContain('event: next')
  expect(text).not.toContain('event: complete')
  await expect.poll(() => server.ticks.begun - server.ticks.ended).toBe(0)
})

test('answers 503 rather than 401 while the issuer’s keys cannot be read, over WebSocket 1013', async () => {
  const cutOff = await openServer({
    file: { jwt: { jwksUrl: 'http://127.0.0.1:1/jwks.json', issuer, audience: 'contacts' } },
  })
  const authorization = `Bearer ${await token()}`
  const answer = await createClient(cutOff.url).request('{ tenant }', {}, { authorization })
  expect(answer).toMatchObject({ status: 503, errors: [{ extensions: { code: 'INTERNAL' } }] })
  const socket = await openSocket(cutOff.url)
  socket.send({ type: 'connection_init', payload: { authorization } })
  expect((await socket.closed).code).toBe(1013)
  await cutOff.close()
})

test('says of a file too when to ask again while the issuer’s keys cannot be read', async () => {
  const cutOff = await openServer({
    file: { jwt: { jwksUrl: 'http://127.0.0.1:1/jwks.json', issuer, audience: 'contacts' } },
  })
  const answer = await fetch(`${cutOff.url}/jobs/any/errors.csv`, {
    headers: { authorization: `Bearer ${await token()}` },
  })
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
  expect(await answer.json()).toMatchObject({ error: { code: 'INTERNAL' } })
  await cutOff.close()
})
