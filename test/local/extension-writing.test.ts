import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ExtensionInput, ProfileExtensionInput } from '../../src/contract/input.ts'
import { upsertModes } from '../../src/contract/profile.ts'
import type { ExtensionUpsertOptions } from '../../src/contract/request.ts'
import { type LocalBench, type LocalTenant, openLocalBench, said } from './local-bench.ts'

let bench: LocalBench
let tenant: LocalTenant
beforeAll(async () => {
  bench = await openLocalBench()
})
afterAll(() => bench.close())
beforeEach(async () => {
  tenant = bench.tenant()
  await tenant.extensionType('EMAIL', 'news')
  await tenant.extensionType('SMS', 'news')
  await tenant.extensionType('EMAIL', 'work')
})

const number = '+4915112345678'
const otherNumber = '+4915112345679'
const sms: ExtensionInput = { key: 'k', channel: 'SMS', address: number }

/** All that the store holds of the profile's extensions, in the order of their addresses. */
async function stored(key = 'k') {
  const { extensions } = await tenant.byKey(key)
  return extensions
    .map(({ channel, address, provider, resourceId, name, permission }) => ({
      channel,
      address,
      ...(provider === null ? {} : { provider }),
      ...(resourceId === null ? {} : { resourceId }),
      ...(name === null ? {} : { name }),
      ...(permission === null ? {} : { permission }),
    }))
    .sort((a, b) => (`${a.address} ${a.channel}` < `${b.address} ${b.channel}` ? -1 : 1))
}

const onSms: ProfileExtensionInput = { channel: 'SMS', address: number }

describe('what is written', () => {
  const full: ExtensionInput = { ...sms, name: 'news', permission: true }

  it('is what the record states, and the rest stays', async () => {
    await tenant.create({
      key: 'k',
      extensions: [{ ...onSms, status: 'HARD_BOUNCED', priority: 2, categories: ['a'], customFields: { crm: 7 } }],
    })
    expect(await tenant.extensionOutcome(full)).toBe('UPDATED')
    expect((await tenant.byKey('k')).extensions).toEqual([
      {
        ...onSms,
        provider: null,
        resourceId: null,
        name: 'news',
        permission: true,
        status: 'HARD_BOUNCED',
        priority: 2,
        categories: ['a'],
        customFields: { crm: 7 },
      },
    ])
    expect(await tenant.extensionOutcome({ ...sms, permission: false })).toBe('UPDATED')
    expect(await stored()).toMatchObject([{ name: 'news', permission: false }])
  })

  it('is nothing where nothing changes', async () => {
    await tenant.create({ key: 'k' })
    expect(await tenant.extensionOutcome(full)).toBe('CREATED')
    await tenant.setClocksBack()
    expect(await tenant.extensionOutcome(full)).toBe('UNCHANGED')
    expect(await tenant.extensionOutcome(sms)).toBe('UNCHANGED')
    expect(await tenant.extensionOutcome({ ...full, newAddress: number, newKey: 'k' }, { upsert: 'UPDATE_ONLY' })).toBe(
      'UNCHANGED',
    )
    expect(await tenant.written()).toEqual({ profiles: 0, extensions: 0 })
  })

  it('is cleared by null under CLEAR alone, and only the name', async () => {
    await tenant.create({ key: 'k' })
    await tenant.upsertExtensions([full])
    expect(await tenant.extensionOutcome({ ...sms, name: null, permission: null })).toBe('UNCHANGED')
    expect(await tenant.extensionOutcome({ ...sms, name: null }, { nulls: 'CLEAR' })).toBe('UPDATED')
    expect(await stored()).toEqual([{ ...onSms, permission: true }])
    expect(await tenant.extensionOutcome({ ...sms, permission: null }, { nulls: 'CLEAR' })).toBe('INVALID_VALUE')
  })

  it('never makes a profile', async () => {
    for (const upsert of upsertModes) expect(await tenant.extensionOutcome(sms, { upsert })).toBe('PROFILE_NOT_FOUND')
    expect(await tenant.profiles()).toEqual([])
  })

  it('belongs to the profile type of the request', async () => {
    await tenant.define({ name: 'other', attributes: [], links: [] })
    await tenant.create({ key: 'k' }, { profileType: 'other' })
    expect(await tenant.extensionOutcome(sms)).toBe('PROFILE_NOT_FOUND')
    expect(await tenant.extensionOutcome(sms, { profileType: 'other' })).toBe('CREATED')
    await expect(tenant.upsertExtensions([sms], { profileType: 'nowhere' })).rejects.toThrow('profileType')
  })

  it('is found by matching from then on', async () => {
    await tenant.create({ key: 'k', email: 'own@example.com' })
    await tenant.upsertExtensions([{ key: 'k', channel: 'EMAIL', address: 'A@example.com' }])
    expect(await tenant.outcome({ email: 'a@example.com', firstName: 'Ada' }, { matching: 'EMAIL' })).toBe('UPDATED')
    await tenant.upsertExtensions(
      [{ key: 'k', channel: 'EMAIL', address: 'a@example.com', newAddress: 'b@example.com' }],
      {
        upsert: 'UPDATE_ONLY',
      },
    )
    const bySub = (address: string) =>
      tenant.outcome(
        { firstName: 'Bob', extensions: [{ channel: 'EMAIL', address }] },
        { matching: 'EMAIL_SUB', upsert: 'UPDATE_ONLY' },
      )
    expect(await bySub('a@example.com')).toBe('PROFILE_NOT_FOUND')
    expect(await bySub('b@example.com')).toBe('UPDATED')
  })
})

describe('a name', () => {
  it('has to be configured for the channel', async () => {
    await tenant.create({ key: 'k', extensions: [onSms] })
    expect(await tenant.extensionOutcome({ ...sms, name: 'news' })).toBe('UPDATED')
    expect(await tenant.extensionOutcome({ ...sms, name: 'work' })).toBe('UNKNOWN_EXTENSION_TYPE')
    expect(await tenant.extensionOutcome({ ...sms, name: 'boat' })).toBe('UNKNOWN_EXTENSION_TYPE')
    expect(await tenant.extensionOutcome({ ...sms, name: '' })).toBe('UNKNOWN_EXTENSION_TYPE')
    expect(await tenant.extensionOutcome({ ...sms, address: otherNumber, name: 'work' })).toBe('UNKNOWN_EXTENSION_TYPE')
    // Without a channel that of the extension decides.
    expect(await tenant.extensionOutcome({ key: 'k', address: number, name: 'work' })).toBe('UNKNOWN_EXTENSION_TYPE')
    expect(await tenant.extensionOutcome({ key: 'k', address: number, name: 'boat' })).toBe('UNKNOWN_EXTENSION_TYPE')
    await tenant.extensionType('SMS', 'boat')
    expect(await tenant.extensionOutcome({ key: 'k', address: number, name: 'boat' })).toBe('UPDATED')
    expect(await stored()).toEqual([{ ...onSms, name: 'boat' }])
  })
})

describe('a move', () => {
  const updateOnly: Partial<ExtensionUpsertOptions> = { upsert: 'UPDATE_ONLY' }
  const moved = (record: Partial<ExtensionInput>) => tenant.extensionOutcome({ ...sms, ...record }, updateOnly)
  const idOf = async (key: string) =>
    (
      await bench.database.query<{ id: string; old: boolean }>(
        `select e.id, e.created_at < '2001-01-01' as old from extensions e
         join profiles p on p.tenant = e.tenant and p.id = e.profile_id where p.tenant = $1 and p.key = $2`,
        [tenant.name, key],
      )
    )[0]

  beforeEach(async () => {
    await tenant.create({ key: 'k', extensions: [{ ...onSms, customFields: { crm: 7 } }] })
    await tenant.create({ key: 'l' })
  })

  it('changes the address, and what else the record states', async () => {
    await tenant.setClocksBack()
    const before = await idOf('k')
    expect(await moved({ newAddress: '+49 151 12345679', permission: true })).toBe('UPDATED')
    expect(await stored()).toEqual([{ ...onSms, address: otherNumber, permission: true }])
    // It is the same extension, which was created when it was.
    expect(await idOf('k')).toEqual(before)
    expect(await tenant.written()).toEqual({ profiles: 0, extensions: 1 })
  })

  it('takes it to another profile, and answers that one', async () => {
    const [fate] = await tenant.upsertExtensions([{ key: 'k', address: number, newKey: 'l' }], updateOnly)
    expect(fate).toEqual({ outcome: 'UPDATED', profileId: (await tenant.byKey('l')).id })
    expect(await stored('k')).toEqual([])
    expect(await stored('l')).toEqual([onSms])
    expect((await tenant.byKey('l')).extensions).toMatchObject([{ customFields: { crm: 7 } }])
  })

  it('does both at once', async () => {
    expect(await moved({ newKey: 'l', newAddress: otherNumber })).toBe('UPDATED')
    expect([await stored('k'), await stored('l')]).toEqual([[], [{ ...onSms, address: otherNumber }]])
  })

  it('is refused where there is nobody, or the address is there', async () => {
    expect(await moved({ newKey: 'nobody' })).toBe('NEW_KEY_NOT_FOUND')
    expect(await moved({ key: 'nobody', newKey: 'l' })).toBe('PROFILE_NOT_FOUND')
    expect(await moved({ address: otherNumber, newKey: 'nobody' })).toBe('EXTENSION_NOT_FOUND')
    await tenant.upsertExtensions([
      { ...sms, key: 'l' },
      { ...sms, address: otherNumber },
    ])
    const [toProfile, toAddress] = await tenant.upsertExtensions(
      [
        { ...sms, newKey: 'l' },
        { ...sms, newAddress: otherNumber },
      ],
      updateOnly,
    )
    expect(toProfile?.errors).toMatchObject([{ code: 'ADDRESS_TAKEN', field: 'newKey' }])
    expect(toAddress?.errors).toMatchObject([{ code: 'ADDRESS_TAKEN', field: 'newAddress' }])
    expect(await stored('k')).toEqual([onSms, { ...onSms, address: otherNumber }])
    // Of another channel, resource or provider it is another one.
    await tenant.upsertExtensions([{ key: 'k', channel: 'WHATSAPP', address: number }])
    expect(
      await tenant.extensionOutcome(
        { key: 'k', channel: 'WHATSAPP', address: number, newAddress: otherNumber },
        updateOnly,
      ),
    ).toBe('UPDATED')
  })

  it.each<[Partial<ExtensionInput>, Partial<ExtensionUpsertOptions>, string]>([
    [{ newAddress: otherNumber }, {}, 'INVALID_VALUE'],
    [{ newKey: 'l' }, { upsert: 'CREATE_ONLY' }, 'INVALID_VALUE'],
    [{ newAddress: otherNumber, channel: null }, updateOnly, 'CHANNEL_REQUIRED'],
    [{ newAddress: '1' }, updateOnly, 'INVALID_PHONE'],
  ])('is refused beforehand: %j under %j', async (record, options, code) => {
    expect(await tenant.extensionOutcome({ ...sms, ...record }, options)).toBe(code)
    expect(await stored()).toEqual([onSms])
  })

  it('may be one of a chain, a swap or a ring', async () => {
    const [a, b, c] = ['a@example.com', 'b@example.com', 'c@example.com']
    const mail = (address = '', key = 'k') => ({ key, channel: 'EMAIL' as const, address })
    await tenant.upsertExtensions([
      { ...mail(a), name: 'news' },
      { ...mail(b), name: 'work' },
    ])
    const fates = await tenant.upsertExtensions(
      [
        { ...mail(a), newAddress: c },
        { ...mail(b), newAddress: a },
        { ...mail(c), newAddress: b },
      ],
      updateOnly,
    )
    expect(fates.map(said)).toEqual(['UPDATED', 'UPDATED', 'UPDATED'])
    expect((await stored()).filter(({ channel }) => channel === 'EMAIL')).toEqual([
      { channel: 'EMAIL', address: a, name: 'work' },
      { channel: 'EMAIL', address: b, name: 'news' },
    ])
    // Two profiles exchange one address, which both may not have at once.
    await tenant.upsertExtensions([{ ...mail(a, 'l'), permission: false }])
    const exchange = await tenant.upsertExtensions(
      [
        { ...mail(a), newAddress: 'z@example.com' },
        { ...mail(a, 'l'), newKey: 'k' },
        { ...mail('z@example.com'), newKey: 'l', newAddress: a },
      ],
      updateOnly,
    )
    expect(exchange.map(said)).toEqual(['UPDATED', 'UPDATED', 'UPDATED'])
    expect(await stored('l')).toEqual([{ channel: 'EMAIL', address: a, name: 'work' }])
    expect((await stored('k')).filter(({ address }) => address === a)).toEqual([
      { channel: 'EMAIL', address: a, permission: false },
    ])
  })
})

describe('several records of one extension', () => {
  beforeEach(async () => {
    await tenant.create({ key: 'k' })
  })

  it('come to what they would one after the other, the earlier ones folded into the last', async () => {
    const fates = await tenant.upsertExtensions([
      { ...sms, permission: true, name: 'news' },
      { ...sms, key: 'nobody' },
      { ...sms, address: '+49 151 12345678', permission: false },
      { key: 'k', address: number, name: 'work' },
      { ...sms },
    ])
    expect(fates.map(said)).toEqual([
      'SUPERSEDED',
      'PROFILE_NOT_FOUND',
      'SUPERSEDED',
      'UNKNOWN_EXTENSION_TYPE',
      'CREATED',
    ])
    expect(fates.map(({ supersededBy }) => supersededBy)).toEqual([4, undefined, 4, undefined, undefined])
    expect(await stored()).toEqual([{ ...onSms, name: 'news', permission: false }])
  })

  it('are not folded under CREATE_ONLY', async () => {
    const fates = await tenant.upsertExtensions([sms, sms], { upsert: 'CREATE_ONLY' })
    expect(fates.map(said)).toEqual(['CREATED', 'EXTENSION_EXISTS'])
  })

  it('are applied in order when they find it by different values', async () => {
    const fates = await tenant.upsertExtensions([
      { ...sms, permission: true },
      { key: 'k', address: number, permission: false },
      { ...sms, name: 'news' },
    ])
    expect(fates.map(said)).toEqual(['SUPERSEDED', 'UPDATED', 'CREATED'])
    expect(await stored()).toEqual([{ ...onSms, name: 'news', permission: false }])
  })

  it('are not folded when one of them moves it, or it is another one by then', async () => {
    await tenant.upsertExtensions([sms, { ...sms, address: otherNumber }])
    const fates = await tenant.upsertExtensions(
      [
        { ...sms, permission: true },
        { ...sms, newAddress: '+4915112345670' },
        { ...sms, permission: true },
        { ...sms, address: otherNumber, newAddress: number },
        { ...sms, permission: false },
      ],
      { upsert: 'UPDATE_ONLY' },
    )
    expect(fates.map(said)).toEqual(['UPDATED', 'UPDATED', 'EXTENSION_NOT_FOUND', 'UPDATED', 'UPDATED'])
    expect(await stored()).toEqual([
      { ...onSms, address: '+4915112345670', permission: true },
      { ...onSms, permission: false },
    ])
  })
})

describe('a batch', () => {
  it('costs a fixed number of statements', async () => {
    await tenant.upsert(Array.from({ length: 200 }, (_, place) => ({ key: `k${place}` })))
    const records = Array.from(
      { length: 600 },
      (_, place): ExtensionInput => ({
        key: `k${place % 200}`,
        channel: place % 2 === 0 ? 'EMAIL' : 'PUSH',
        address: `a${place}@example.com`,
        permission: place % 3 === 0,
      }),
    )
    const [statements, fates] = await bench.counted(() => tenant.upsertExtensions(records))
    expect(new Set(fates.map(said))).toEqual(new Set(['CREATED']))
    expect(statements).toBeLessThanOrEqual(10)
    const moves = records.map((record, place) => ({ ...record, newKey: `k${(place + 1) % 200}`, permission: true }))
    const [ofMoves, movedFates] = await bench.counted(() => tenant.upsertExtensions(moves, { upsert: 'UPDATE_ONLY' }))
    expect(new Set(movedFates.map(said))).toEqual(new Set(['UPDATED']))
    expect(ofMoves).toBeLessThanOrEqual(10)
  })
})
