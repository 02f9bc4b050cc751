import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ProfileExtensionInput, ProfileInput } from '../../src/contract/input.ts'
import { type MatchingMode, type UpsertMode, upsertModes } from '../../src/contract/profile.ts'
import type { ProfileUpsertOptions } from '../../src/contract/request.ts'
import { checkRequest } from '../../src/domain/check-request.ts'
import { globalProfileId, type LocalBench, type LocalTenant, openLocalBench, said } from './local-bench.ts'

let bench: LocalBench
beforeAll(async () => {
  bench = await openLocalBench()
})
afterAll(() => bench.close())

const mail = (address: string, more: Partial<ProfileExtensionInput> = {}): ProfileExtensionInput => ({
  channel: 'EMAIL',
  address,
  ...more,
})
const sms = (address: string): ProfileExtensionInput => ({ channel: 'SMS', address })
const push = (address: string, provider?: string): ProfileExtensionInput =>
  provider === undefined ? { channel: 'PUSH', address } : { channel: 'PUSH', address, provider }

interface Case {
  matching: MatchingMode
  /** What is looked for, and where. */
  by: string
  options?: Partial<ProfileUpsertOptions>
  /** Looks for the profile. */
  record: ProfileInput
  /** A profile that the record finds; the place makes several of them differ. */
  found: (place: number) => ProfileInput
  /** Profiles that come near and are not found. */
  missed: ProfileInput[]
}

const phone = '+4915112345678'
const otherPhone = '+4915112345679'
const nearEmail: ProfileInput[] = [{ email: 'b@example.com' }, { extensions: [{ channel: 'SMS', address: phone }] }]

const cases: Case[] = [
  { matching: 'KEY', by: 'key', record: { key: 'k' }, found: () => ({ key: 'k' }), missed: [{ key: 'K' }] },
  {
    matching: 'EMAIL',
    by: 'the own e-mail',
    record: { email: ' A@Example.com' },
    found: () => ({ email: 'a@example.com' }),
    missed: nearEmail,
  },
  {
    matching: 'EMAIL',
    by: 'an EMAIL extension',
    record: { email: 'a@example.com' },
    found: () => ({ email: 'own@example.com', extensions: [mail('A@example.com')] }),
    missed: nearEmail,
  },
  {
    matching: 'EMAIL',
    by: 'an EMAIL extension of the resource',
    options: { resourceId: 2 },
    record: { email: 'a@example.com' },
    found: () => ({ extensions: [mail('a@example.com', { resourceId: 2 })] }),
    missed: [{ extensions: [mail('a@example.com', { resourceId: 1 })] }, { extensions: [mail('a@example.com')] }],
  },
  {
    matching: 'EMAIL',
    by: 'the own e-mail, whatever the resource',
    options: { resourceId: 2 },
    record: { email: 'a@example.com' },
    found: () => ({ email: 'a@example.com' }),
    missed: [],
  },
  {
    matching: 'EMAIL_PROFILE',
    by: 'the own e-mail alone',
    record: { email: 'a@example.com' },
    found: () => ({ email: 'a@example.com' }),
    missed: [{ extensions: [mail('a@example.com')] }],
  },
  {
    matching: 'EMAIL_SUB',
    by: 'the first EMAIL extension',
    record: { extensions: [sms(phone), mail('a@example.com'), mail('b@example.com')] },
    found: () => ({ extensions: [mail('a@example.com')] }),
    missed: [{ email: 'a@example.com' }, { extensions: [mail('b@example.com')] }, { extensions: [sms(phone)] }],
  },
  {
    matching: 'PHONE',
    by: 'the own phone',
    record: { phone: '+49 151 12345678' },
    found: () => ({ phone }),
    missed: [{ phone: otherPhone }, { extensions: [{ channel: 'WHATSAPP', address: phone }] }],
  },
  {
    matching: 'PHONE',
    by: 'an SMS extension',
    record: { phone },
    found: () => ({ phone: otherPhone, extensions: [sms(phone)] }),
    missed: [{ extensions: [{ channel: 'VIBER', address: phone }] }],
  },
  {
    matching: 'PHONE_SUB',
    by: 'the first SMS extension',
    record: { extensions: [sms(phone)] },
    found: () => ({ extensions: [sms(phone)] }),
    missed: [{ phone }, { extensions: [{ channel: 'WHATSAPP', address: phone }] }],
  },
  {
    matching: 'EMAIL_PHONE',
    by: 'the own e-mail or phone',
    record: { email: 'a@example.com', phone },
    found: (place) => (place === 0 ? { email: 'a@example.com' } : { phone }),
    missed: [{ extensions: [mail('a@example.com'), sms(phone)] }],
  },
  {
    matching: 'EMAIL_PHONE_SUB',
    by: 'an EMAIL or SMS extension',
    record: { extensions: [mail('a@example.com'), sms(phone)] },
    found: (place) => ({ extensions: [place === 0 ? mail('a@example.com') : sms(phone)] }),
    missed: [{ email: 'a@example.com', phone }],
  },
  {
    matching: 'PUSH_SUB',
    by: 'provider and address of a PUSH extension',
    record: { extensions: [push('token', 'fcm')] },
    found: () => ({ extensions: [push('token', 'fcm')] }),
    missed: [
      { extensions: [push('token', 'apns')] },
      { extensions: [push('token')] },
      { extensions: [push('t', 'fcm')] },
    ],
  },
  {
    matching: 'PUSH_SUB',
    by: 'the address of a PUSH extension without provider',
    record: { extensions: [push('token')] },
    found: () => ({ extensions: [push('token')] }),
    missed: [{ extensions: [push('token', 'fcm')] }],
  },
  ...(
    [
      ['STRING', 'text', 'Ä', 'Ä', 'ä'],
      ['INTEGER', 'integer', '7', 7, 8],
      ['DECIMAL', 'decimal', '1.50', 1.5, 1.51],
      ['BOOLEAN', 'boolean', 'true', true, false],
      ['DATE', 'date', '2001-02-03', '2001-02-03', '2001-02-04'],
      ['DATETIME', 'datetime', '2001-02-03T04:05:06Z', '2001-02-03T05:05:06+01:00', '2001-02-03T04:05:07Z'],
      ['TAGS', 'tags', 'b, a', ['a', 'b', 'c'], ['a', 'c']],
    ] as const
  ).map(
    ([type, matchingField, sought, stored, other]): Case => ({
      matching: 'CUSTOM',
      by: `an attribute of the type ${type}`,
      options: { matchingField },
      record: { attributes: { [matchingField]: sought } },
      found: () => ({ attributes: { [matchingField]: typeof stored === 'object' ? [...stored] : stored } }),
      missed: [{ attributes: { [matchingField]: typeof other === 'object' ? [...other] : other } }, {}],
    }),
  ),
  {
    matching: 'CUSTOM_SUB',
    by: 'a custom field of an extension',
    options: { matchingField: 'crm' },
    record: { extensions: [sms(phone), mail('a@example.com', { customFields: { crm: '7' } })] },
    found: (place) => ({ extensions: [mail('z@example.com', { customFields: { crm: place === 0 ? 7 : '7' } })] }),
    missed: [{ extensions: [mail('y@example.com', { customFields: { other: '7' } })] }, { attributes: { text: '7' } }],
  },
]

async function openTenant(): Promise<LocalTenant> {
  const tenant = bench.tenant()
  const attributes = [
    { name: 'text' },
    { name: 'integer', type: 'INTEGER' as const },
    { name: 'decimal', type: 'DECIMAL' as const },
    { name: 'boolean', type: 'BOOLEAN' as const },
    { name: 'date', type: 'DATE' as const },
    { name: 'datetime', type: 'DATETIME' as const },
    { name: 'tags', type: 'TAGS' as const },
  ]
  await tenant.define({ name: 'contact', attributes, links: [] })
  await tenant.define({ name: 'other', attributes, links: [] })
  return tenant
}

/** The table of semantics § 2. */
const table: Record<'none' | 'one' | 'several', Record<UpsertMode, string>> = {
  none: { CREATE_ONLY: 'CREATED', CREATE_OR_UPDATE: 'CREATED', UPDATE_ONLY: 'PROFILE_NOT_FOUND' },
  one: { CREATE_ONLY: 'PROFILE_EXISTS', CREATE_OR_UPDATE: 'UPDATED', UPDATE_ONLY: 'UPDATED' },
  several: { CREATE_ONLY: 'PROFILE_EXISTS', CREATE_OR_UPDATE: 'AMBIGUOUS_MATCH', UPDATE_ONLY: 'AMBIGUOUS_MATCH' },
}

describe.each(cases)('$matching by $by', ({ matching, options, record, found, missed }) => {
  for (const [hits, count] of [
    ['none', 0],
    ['one', 1],
    ['several', 2],
  ] as const) {
    if (matching === 'KEY' && hits === 'several') continue
    it(`decides by the upsert mode when it finds ${hits}`, async () => {
      for (const upsert of upsertModes) {
        const tenant = await openTenant()
        const seeds = [...missed, ...Array.from({ length: count }, (_, place) => found(place))]
        for (const [place, seed] of seeds.entries()) await tenant.create({ key: `seed-${place}`, ...seed })
        // The same profile, and not of the type that is looked at.
        await tenant.create({ key: 'elsewhere', ...found(0) }, { profileType: 'other' })
        await tenant.setClocksBack()

        const outcome = await tenant.outcome({ ...record, firstName: 'new' }, { ...options, matching, upsert })

        expect(outcome, upsert).toBe(table[hits][upsert])
        const profiles = await tenant.profiles()
        const changes = outcome === 'CREATED' || outcome === 'UPDATED' ? 1 : 0
        expect(profiles.filter((one) => one.written)).toHaveLength(changes)
        expect(profiles.filter((one) => one.fields['firstName'] === 'new')).toHaveLength(changes)
        expect(profiles).toHaveLength(seeds.length + 1 + (outcome === 'CREATED' ? 1 : 0))
        if (outcome !== 'CREATED') continue
        // What has been created is found by what it was looked for.
        const again = await tenant.outcome(
          { ...record, firstName: 'again' },
          { ...options, matching, upsert: 'UPDATE_ONLY' },
        )
        expect(again).toBe('UPDATED')
      }
    })
  }
})

describe('PROFILE_ID', () => {
  it.each([
    ['one', { CREATE_ONLY: 'PROFILE_EXISTS', CREATE_OR_UPDATE: 'UPDATED', UPDATE_ONLY: 'UPDATED' }],
    [
      'none',
      { CREATE_ONLY: 'PROFILE_NOT_FOUND', CREATE_OR_UPDATE: 'PROFILE_NOT_FOUND', UPDATE_ONLY: 'PROFILE_NOT_FOUND' },
    ],
  ] as const)('never creates when it finds %s', async (hits, expected) => {
    for (const upsert of upsertModes) {
      const tenant = await openTenant()
      const id = await tenant.create({ key: 'k' }, hits === 'one' ? {} : { profileType: 'other' })
      const record = { profileId: globalProfileId(id), firstName: 'new' }
      expect(await tenant.outcome(record, { matching: 'PROFILE_ID', upsert })).toBe(expected[upsert])
      expect(await tenant.profiles()).toHaveLength(1)
    }
  })

  it('refuses an id that is not of a profile', async () => {
    const profileId = Buffer.from('Extension:0198b6f0-0000-7000-8000-000000000001').toString('base64')
    expect(await bench.tenant().outcome({ profileId }, { matching: 'PROFILE_ID' })).toBe('INVALID_VALUE')
  })
})

describe('FILTER', () => {
  const filter: ProfileInput['filter'] = [{ attribute: 'gender', operator: 'EQUALS', value: 'f', logical: 'AND' }]

  it('is refused with CREATE_ONLY before any record is looked at', () => {
    const input = {
      destinations: ['local'],
      matching: 'FILTER' as const,
      upsert: 'CREATE_ONLY' as const,
      linkPolicy: 'CREATE' as const,
      nulls: 'IGNORE' as const,
      onInvalid: 'REJECT_ALL' as const,
      skipInvalidExtensions: false,
      skipTriggers: false,
      detectGeo: false,
      maxAffected: 1000,
      waitSeconds: 10,
      profiles: [{ filter }],
    }
    const checked = checkRequest(input, { recordsPerMutation: 1000 })
    expect(checked).toMatchObject({ ok: false, issues: [{ path: ['input', 'upsert'] }] })
  })

  it.each(['CREATE_OR_UPDATE', 'UPDATE_ONLY'] as const)(
    'updates all it finds, up to maxAffected, under %s',
    async (upsert) => {
      const tenant = await openTenant()
      const options = { matching: 'FILTER', upsert, maxAffected: 2 } as const
      expect(await tenant.outcome({ filter, lastName: 'x' }, options)).toBe('PROFILE_NOT_FOUND')
      expect(await tenant.outcome({ filter: [] }, options)).toBe('MISSING_MATCH_VALUE')

      await tenant.create({ key: 'k1', gender: 'f' })
      const [one] = await tenant.upsert([{ filter, lastName: 'x' }], options)
      expect([said(one), one?.profileId]).toEqual(['UPDATED', (await tenant.byKey('k1')).id])

      await tenant.create({ key: 'k2', gender: 'f' })
      expect(await tenant.upsert([{ filter, lastName: 'x' }], options)).toEqual([{ outcome: 'UPDATED', affected: 1 }])
      expect(await tenant.upsert([{ filter, lastName: 'y' }], options)).toEqual([{ outcome: 'UPDATED', affected: 2 }])
      expect(await tenant.upsert([{ filter, lastName: 'y' }], options)).toEqual([{ outcome: 'UNCHANGED', affected: 0 }])

      await tenant.create({ key: 'k3', gender: 'f' })
      await tenant.setClocksBack()
      expect(await tenant.outcome({ filter, lastName: 'z' }, options)).toBe('TOO_MANY_MATCHES')
      expect((await tenant.profiles()).filter((profile) => profile.written)).toEqual([])
    },
  )

  it('sees in each record what the records before it have made', async () => {
    const tenant = await openTenant()
    for (const key of ['k1', 'k2', 'k3']) await tenant.create({ key, gender: 'f' })
    const leave = {
      filter: [{ attribute: 'key', operator: 'EQUALS', value: 'k2', logical: 'AND' }],
      gender: 'm',
    } as const
    const fates = await tenant.upsert(
      [
        { filter, lastName: 'x' },
        { ...leave, filter: [...leave.filter] },
        { filter, lastName: 'y' },
      ],
      { matching: 'FILTER', upsert: 'UPDATE_ONLY', maxAffected: 2 },
    )
    expect(fates.map((fate) => [said(fate), fate.affected])).toEqual([
      ['TOO_MANY_MATCHES', undefined],
      ['UPDATED', undefined],
      ['UPDATED', 2],
    ])
    expect((await tenant.byKey('k2')).fields).toMatchObject({ gender: 'm', lastName: null })
  })
})
