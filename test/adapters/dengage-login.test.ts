import { describe, expect, test } from 'vitest'
import { callOf, cannedAdapter, fatesOf, rejection } from './dengage-bench.ts'

const updated = () => ({ body: { code: 0, data: { updated: ['C-1'] } } })
const notAuthenticated = () => ({ status: 401, body: { message: 'Not-authenticated. Please re-login.' } })
const records = [{ key: 'C-1', firstName: 'Ada' }]
const pathsOf = (sent: readonly { path: string }[]) => sent.map(({ path }) => path.replace('/rest', ''))

describe('a login', () => {
  test('is good for its lifetime, less a minute', async () => {
    let now = 0
    const { adapter, sent } = cannedAdapter([updated(), updated(), updated()], { now: () => now })
    await fatesOf(adapter, records)
    now = 3_539_999
    await fatesOf(adapter, records)
    expect(pathsOf(sent)).toEqual(['/login', '/bulk/contacts', '/bulk/contacts'])
    now = 3_540_000
    await fatesOf(adapter, records)
    expect(pathsOf(sent).slice(3)).toEqual(['/login', '/bulk/contacts'])
    expect(sent[4]?.headers.get('authorization')).toBe('Bearer token-2')
  })

  test('says its lifetime as a number, as a text, or not at all', async () => {
    for (const [lifetime, good] of [
      [20, 17_999],
      ['20', 17_999],
      [undefined, 3_539_999],
    ] as const) {
      let now = 0
      const login = () => ({ body: { access_token: 'token', expires_in: lifetime } })
      const { adapter, sent } = cannedAdapter([updated(), updated(), updated()], { now: () => now, login })
      await fatesOf(adapter, records)
      now = good
      await fatesOf(adapter, records)
      now = good + 1
      await fatesOf(adapter, records)
      expect(pathsOf(sent)).toEqual(['/login', '/bulk/contacts', '/bulk/contacts', '/login', '/bulk/contacts'])
    }
  })

  test('is done again once when the vendor has forgotten it, and the call repeated', async () => {
    const { adapter, sent } = cannedAdapter([notAuthenticated(), updated()])
    expect(await fatesOf(adapter, records)).toMatchObject([{ outcome: 'UPDATED' }])
    expect(pathsOf(sent)).toEqual(['/login', '/bulk/contacts', '/login', '/bulk/contacts'])
    expect(sent[3]?.body).toEqual(sent[1]?.body)
    expect(sent[3]?.headers.get('authorization')).toBe('Bearer token-2')
  })

  test('is not done a third time: AUTHENTICATION', async () => {
    const { adapter, sent } = cannedAdapter([notAuthenticated(), notAuthenticated()])
    const error = await rejection(adapter.submit(await callOf(adapter, records)))
    expect(error).toMatchObject({
      fault: 'AUTHENTICATION',
      details: { code: 'DESTINATION_AUTH', vendorMessage: 'Not-authenticated. Please re-login.' },
    })
    expect(pathsOf(sent)).toEqual(['/login', '/bulk/contacts', '/login', '/bulk/contacts'])
  })

  test('shows no token that it has been given, the refused one neither', async () => {
    const said = { status: 400, body: { code: 77, message: 'token-1 was refused, token-2 is not liked either' } }
    const { adapter } = cannedAdapter([notAuthenticated(), said])
    const error = await rejection(adapter.submit(await callOf(adapter, records)))
    expect(error).toMatchObject({
      details: { vendorMessage: '[secret] was refused, [secret] is not liked either' },
    })
  })

  test('is shared by calls that need it at the same time', async () => {
    const { adapter, sent } = cannedAdapter([updated(), updated()])
    await Promise.all([fatesOf(adapter, records), fatesOf(adapter, records)])
    expect(pathsOf(sent)).toEqual(['/login', '/bulk/contacts', '/bulk/contacts'])
  })
})

describe('a login that fails', () => {
  const loginError = async (status: number, body: unknown) => {
    const { adapter, sent } = cannedAdapter([], { login: () => ({ status, body }) })
    const error = await rejection(adapter.submit(await callOf(adapter, records)))
    expect(pathsOf(sent)).toEqual(['/login'])
    return error
  }

  test('because of its credentials is AUTHENTICATION', async () => {
    for (const [status, body] of [
      [401, { message: 'no' }],
      [400, { code: 1, message: 'userkey and password are mandatory' }],
      [200, { code: 5, message: 'Wrong password' }],
    ] as const) {
      expect(await loginError(status, body)).toMatchObject({
        fault: 'AUTHENTICATION',
        details: { code: 'DESTINATION_AUTH' },
      })
    }
  })

  test('because of the caller’s address is FORBIDDEN and says why', async () => {
    const actionResult = 'IP address 192.0.2.1 is not whitelisted'
    expect(await loginError(403, { actionResult })).toMatchObject({
      fault: 'FORBIDDEN',
      details: { code: 'DESTINATION_FORBIDDEN', vendorMessage: actionResult },
    })
    expect(await loginError(403, '')).toMatchObject({ fault: 'FORBIDDEN' })
  })

  test('for any other reason has certainly applied nothing', async () => {
    for (const [status, body] of [
      [500, { code: 999 }],
      [503, '<html></html>'],
      [200, '<html></html>'],
      [200, { expires_in: 3600 }],
    ] as const) {
      expect(await loginError(status, body)).toMatchObject({
        fault: 'UNREACHABLE',
        rule: { mayHaveApplied: false },
        details: { code: 'DESTINATION_UNAVAILABLE' },
      })
    }
    expect(await loginError(429, '')).toMatchObject({ fault: 'THROTTLED' })
  })

  test('shows neither user nor password, whatever the vendor repeats', async () => {
    const error = await loginError(401, { message: 'acme-api-user with correct horse battery is unknown' })
    expect(JSON.stringify([error, String(error)])).not.toMatch(/acme-api-user|correct horse/)
  })
})
