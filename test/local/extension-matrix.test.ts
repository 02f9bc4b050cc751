import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ExtensionInput, ProfileExtensionInput } from '../../src/contract/input.ts'
import { type UpsertMode, upsertModes } from '../../src/contract/profile.ts'
import { type LocalBench, type LocalTenant, openLocalBench, said } from './local-bench.ts'

let bench: LocalBench
let tenant: LocalTenant
beforeAll(async () => {
  bench = await openLocalBench()
})
afterAll(() => bench.close())
beforeEach(async () => {
  tenant = bench.tenant()
  await tenant.define({ name: 'other', attributes: [], links: [] })
})

const number = '+4915112345678'
const otherNumber = '+4915112345679'
const sms: Omit<ExtensionInput, 'key'> = { channel: 'SMS', address: number }

/** A record against what its profile has, and what becomes of it under each mode. */
interface Case {
  what: string
  has: ProfileExtensionInput[]
  record: Omit<ExtensionInput, 'key'>
  outcomes: Record<UpsertMode, string>
}

const inserted = { CREATE_ONLY: 'CREATED', CREATE_OR_UPDATE: 'CREATED', UPDATE_ONLY: 'EXTENSION_NOT_FOUND' }
const updated = { CREATE_ONLY: 'EXTENSION_EXISTS', CREATE_OR_UPDATE: 'UPDATED', UPDATE_ONLY: 'UPDATED' }
const ambiguous = {
  CREATE_ONLY: 'AMBIGUOUS_MATCH',
  CREATE_OR_UPDATE: 'AMBIGUOUS_MATCH',
  UPDATE_ONLY: 'AMBIGUOUS_MATCH',
}
const onSms: ProfileExtensionInput = { channel: 'SMS', address: number }
const onWhatsapp: ProfileExtensionInput = { channel: 'WHATSAPP', address: number }

const cases: Case[] = [
  { what: 'nothing', has: [], record: sms, outcomes: inserted },
  { what: 'the address', has: [onSms], record: { channel: 'SMS', address: '+49 151 12345678' }, outcomes: updated },
  { what: 'another address', has: [{ channel: 'SMS', address: otherNumber }], record: sms, outcomes: inserted },
  {
    what: 'the address in another channel alone',
    has: [onWhatsapp],
    record: sms,
    outcomes: { ...inserted, UPDATE_ONLY: 'CHANNEL_IMMUTABLE' },
  },
  { what: 'the address in both channels', has: [onSms, onWhatsapp], record: sms, outcomes: updated },
  {
    what: 'an address, in another channel, that is written differently there',
    has: [{ channel: 'EMAIL', address: 'a@example.com' }],
    record: { channel: 'PUSH', address: 'A@Example.com' },
    outcomes: { ...inserted, UPDATE_ONLY: 'CHANNEL_IMMUTABLE' },
  },
  {
    what: 'the address of another resource',
    has: [{ ...onSms, resourceId: 1 }],
    record: { ...sms, resourceId: 2 },
    outcomes: inserted,
  },
  { what: 'the address of a resource', has: [{ ...onSms, resourceId: 1 }], record: sms, outcomes: inserted },
  {
    what: 'the address of the resource',
    has: [onSms, { ...onSms, resourceId: 1 }],
    record: { ...sms, resourceId: 1 },
    outcomes: updated,
  },
  {
    what: 'the token of another provider',
    has: [
      { channel: 'PUSH', address: 'token', provider: 'apns' },
      { channel: 'PUSH', address: 'token' },
    ],
    record: { channel: 'PUSH', address: 'token', provider: 'fcm' },
    outcomes: inserted,
  },
  {
    what: 'the token of the provider',
    has: [
      { channel: 'PUSH', address: 'token', provider: 'apns' },
      { channel: 'PUSH', address: 'token' },
    ],
    record: { channel: 'PUSH', address: 'token', provider: 'apns' },
    outcomes: updated,
  },
  {
    what: 'nothing, without channel',
    has: [{ channel: 'SMS', address: otherNumber }],
    record: { address: number },
    outcomes: {
      CREATE_ONLY: 'CHANNEL_REQUIRED',
      CREATE_OR_UPDATE: 'CHANNEL_REQUIRED',
      UPDATE_ONLY: 'EXTENSION_NOT_FOUND',
    },
  },
  {
    what: 'the address, without channel',
    has: [onWhatsapp],
    record: { address: '+49 151 12345678' },
    outcomes: updated,
  },
  {
    what: 'the e-mail, without channel',
    has: [{ channel: 'EMAIL', address: 'a@example.com' }],
    record: { address: ' A@Example.com' },
    outcomes: updated,
  },
  {
    what: 'the chat, without channel',
    has: [{ channel: 'TELEGRAM_BOT', address: '7' }],
    record: { address: '007' },
    outcomes: updated,
  },
  {
    what: 'the address in two channels, without channel',
    has: [onSms, onWhatsapp],
    record: { address: number },
    outcomes: ambiguous,
  },
  {
    what: 'the address in two channels of different resources, without channel',
    has: [onSms, { ...onWhatsapp, resourceId: 1 }],
    record: { address: number, resourceId: 1 },
    outcomes: updated,
  },
]

describe.each(cases)('a record whose profile has $what', ({ has, record, outcomes }) => {
  it.each(upsertModes)('under %s', async (upsert) => {
    await tenant.create({ key: 'k', extensions: has })
    await tenant.create({ key: 'other', extensions: [onSms, onWhatsapp] })
    await tenant.create({ key: 'k', extensions: [onSms] }, { profileType: 'other' })
    await tenant.setClocksBack()
    const [fate] = await tenant.upsertExtensions([{ ...record, key: 'k', permission: true }], { upsert })
    expect(said(fate)).toBe(outcomes[upsert])
    const isApplied = fate?.outcome === 'CREATED' || fate?.outcome === 'UPDATED'
    expect(fate?.profileId).toBe(isApplied ? (await tenant.profiles()).find(isOurs)?.id : undefined)
    expect(await tenant.written()).toEqual({ profiles: 0, extensions: isApplied ? 1 : 0 })
    const profile = (await tenant.profiles()).find(isOurs)
    expect(profile?.extensions).toHaveLength(has.length + (fate?.outcome === 'CREATED' ? 1 : 0))
    expect(profile?.extensions.filter((one) => one.permission === true)).toHaveLength(isApplied ? 1 : 0)
  })
})

const isOurs = ({ type, key }: { type: string; key: string | null }) => type === 'contact' && key === 'k'
