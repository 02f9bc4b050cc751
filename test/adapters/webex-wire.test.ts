import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { createWebexAdapter, webexSettings } from '../../src/adapters/webex/index.ts'
import type { WebexRecord } from '../../src/adapters/webex/webex-record.ts'
import type { VendorAnswer } from '../../src/contract/adapter.ts'
import { DestinationError } from '../../src/contract/error.ts'
import type { RecordFate } from '../../src/contract/outcome.ts'
import type { ProfileRecord } from '../../src/contract/profile.ts'
import type { ProfileUpsertOptions } from '../../src/contract/request.ts'
import { noDatabase, suiteOptions } from '../support/adapter-bench.ts'
import { fixtureJson, fixtureText, type ScriptedAnswer, scriptedVendor } from './scripted-vendor.ts'
import { webexConfiguration, webexToken } from './webex-bench.ts'

type Configuration = Partial<z.input<typeof webexSettings>>

interface Question {
  configuration?: Configuration
  options?: Partial<ProfileUpsertOptions>
  repeated?: boolean
  answers?: ScriptedAnswer[]
}

const keyed = (...keys: string[]): ProfileRecord[] => keys.map((key) => ({ key, firstName: 'Ada' }))

/** Prepares the records, sends them in one call to a vendor that gives these answers, and shows all of it. */
async function ask(
  records: ProfileRecord[],
  { configuration, options, repeated = false, answers = [{ body: {} }] }: Question = {},
) {
  const { fetch, calls } = scriptedVendor(...answers)
  const settings = webexSettings.parse({ ...webexConfiguration, ...configuration })
  const adapter = createWebexAdapter(settings, { fetch, now: Date.now })
  const asked = suiteOptions(options)
  const preparer = await adapter.preparer(noDatabase, 'acme', asked)
  if (!preparer.ok) throw new TypeError(JSON.stringify(preparer.unsupported))
  const values = records.map((record): WebexRecord => {
    const prepared = preparer.prepare(record)
    if (!prepared.ok) throw new TypeError(JSON.stringify(prepared.errors))
    return prepared.value
  })
  const answer: VendorAnswer | DestinationError = await adapter
    .submit({ options: asked, records: values, repeated, signal: AbortSignal.timeout(5000) })
    .catch((error: unknown) => {
      if (error instanceof DestinationError) return error
      throw error
    })
  return { answer, calls }
}

async function fatesOf(records: ProfileRecord[], body: unknown, question: Question = {}): Promise<RecordFate[]> {
  const { answer } = await ask(records, { ...question, answers: [{ body }] })
  if (answer instanceof DestinationError) throw answer
  return answer.kind === 'settled' ? answer.fates : []
}

const memberOf = (body: unknown, name: string) => new Map(Object.entries(body ?? {})).get(name)
const outcomesOf = (fates: readonly RecordFate[]) => fates.map(({ outcome }) => outcome)

describe('a bulk request', () => {
  it('is the example by key of the vendor page', async () => {
    const records = [{ key: '4400000000001', firstName: 'Matt', lastName: 'Adam' }]
    const { calls } = await ask(records, {
      configuration: { profileName: 'profile_test' },
      options: { audit: ['val1', 'val2', 'val3'] },
    })
    expect(calls).toEqual([
      {
        method: 'POST',
        url: 'https://acme.webexcampaign.io/campaignapi/resources/v3/profiles/updateBulk',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          authorization: `Bearer ${webexToken}`,
        },
        body: fixtureJson('webex/bulk-by-key.request.json'),
      },
    ])
  })

  // The page's first attribute name is empty and its operators are in lower case, against its own table: both are read as slips. It asks for
  // "create or update", under which nothing would tell a filter that finds no profile from any other failure.
  it('is the example by filter of the vendor page', async () => {
    const condition = (attribute: string, value: string) =>
      ({ attribute, operator: 'EQUALS', value, logical: 'AND' }) as const
    const filter = [condition('atbname0', '1001'), condition('atbname1', '1002')]
    const { calls } = await ask([{ filter, firstName: 'John', lastName: 'Smith' }], {
      configuration: { profileName: 'profile_test' },
      options: { matching: 'FILTER', audit: ['val1', 'val2'] },
    })
    expect(fixtureJson('webex/bulk-by-filter.request.json')).toMatchObject({ upsert: '1' })
    expect(calls[0]?.body).toEqual({ ...Object(fixtureJson('webex/bulk-by-filter.request.json')), upsert: '2' })
  })

  it.each([
    ['CREATE_ONLY', '0'],
    ['CREATE_OR_UPDATE', '1'],
    ['UPDATE_ONLY', '2'],
  ] as const)('says %s as upsert "%s"', async (upsert, value) => {
    const { calls } = await ask(keyed('1'), { options: { upsert } })
    expect(calls[0]?.body).toMatchObject({ upsert: value })
  })

  it.each([
    ['IGNORE', '1'],
    ['CREATE', undefined],
    ['FAIL', '3'],
  ] as const)('says the link policy %s as update-link %s', async (linkPolicy, value) => {
    const { calls } = await ask(keyed('1'), { options: { linkPolicy } })
    expect(memberOf(calls[0]?.body, 'update-link')).toBe(value)
  })

  it.each([
    ['the configured one without a type', null, {}, 'customers'],
    ['the type where nothing is listed', 'leads', {}, 'leads'],
    ["the vendor's name of a listed type", 'leads', { profileTypes: { leads: 'lead_profile' } }, 'lead_profile'],
    ['none where nothing names one', null, { profileName: undefined }, undefined],
  ] as const)('has as profile-name %s', async (_, profileType, configuration, expected) => {
    const { calls } = await ask(keyed('1'), { configuration: configuration as Configuration, options: { profileType } })
    expect(memberOf(calls[0]?.body, 'profile-name')).toBe(expected)
  })

  it('names attributes by id where configured, and writes every value as text', async () => {
    const attributes = { points: 12, rate: 1.5, vip: true, tags: ['a', 'b'], tier: 'gold' }
    const { calls } = await ask([{ key: '1', email: 'ada@example.com', emailPermission: false, attributes }], {
      configuration: { fields: { email: { attributeId: '12' }, emailPermission: 'emailpermission', tier: 'level' } },
    })
    expect(calls[0]?.body).toMatchObject({
      requests: [
        {
          attributes: [
            { 'attribute-id': '12', val: 'ada@example.com' },
            { 'attribute-name': 'emailpermission', val: 'false' },
            { 'attribute-name': 'points', val: '12' },
            { 'attribute-name': 'rate', val: '1.5' },
            { 'attribute-name': 'vip', val: 'true' },
            { 'attribute-name': 'tags', val: 'a, b' },
            { 'attribute-name': 'level', val: 'gold' },
          ],
        },
      ],
    })
  })

  it('compares by filter what it would write: mapped, normalised, with the operator as the table spells it', async () => {
    const filter = [
      { attribute: 'email', operator: 'NOT_EQUALS', value: ' Ada@Example.com', logical: 'OR' },
      { attribute: 'phone', operator: 'GREATER_THAN_EQUALS', value: '+44 20 7946 0000', logical: 'AND' },
      { attribute: 'attributes.key', operator: 'LESS_THAN', value: '7', logical: 'AND' },
    ] as const
    const { calls } = await ask([{ filter: [...filter] }], { options: { matching: 'FILTER' } })
    expect(calls[0]?.body).toMatchObject({
      requests: [
        {
          filter: [
            { 'attribute-name': 'email', 'rel-op': 'NotEquals', val: 'ada@example.com', 'logical-op': 'or' },
            { 'attribute-name': 'msisdn', 'rel-op': 'GreaterThanEquals', val: '+442079460000', 'logical-op': 'and' },
            { 'attribute-name': 'key', 'rel-op': 'LessThan', val: '7', 'logical-op': 'and' },
          ],
        },
      ],
    })
  })
})

describe('an answer to a bulk request', () => {
  const three = keyed('4400000000001', '4400000000002', '4400000000003')

  it('is read record by record, with the ids of the vendor', async () => {
    const { answer } = await ask(three, { answers: [{ body: fixtureText('webex/bulk.answer.json') }] })
    const ids = { vendorRequestId: '90211', vendorTransactionId: 'b3f1c0a2-0d3e-4f57-9d3a-6a0a3c1f0001' }
    expect(answer).toEqual({
      kind: 'settled',
      vendorRequestId: '90211',
      fates: [
        { outcome: 'CREATED', ...ids },
        {
          outcome: 'FAILED',
          errors: [
            {
              code: 'PROFILE_NOT_FOUND',
              message: 'Webex Campaign: the profile does not exist',
              vendorCode: '7200',
              vendorMessage: 'Failed',
            },
          ],
          ...ids,
        },
        { outcome: 'UPDATED', ...ids },
      ],
    })
  })

  it('is read whatever its array is called, its members are cased and its numbers are written as', async () => {
    const record = (KEY: unknown, status: unknown) => ({ KEY, status, actionType: 'UPDATE' })
    const body = {
      TransactionId: 1,
      data: { list: [record(4400000000003, 0), record('4400000000001', 200), record(4400000000002, 7029)] },
    }
    expect(outcomesOf(await fatesOf(three, body))).toEqual(['UPDATED', 'FAILED', 'UPDATED'])
  })

  it('is paired by position where the keys are not those that were sent', async () => {
    const keys = ['440-1', '4400000000002', '440-3']
    const responses = keys.map((Key, place) => ({ Key, Status: place === 0 ? '7201' : '0' }))
    const fates = await fatesOf(three, { responses }, { options: { upsert: 'CREATE_ONLY' } })
    expect(outcomesOf(fates)).toEqual(['FAILED', 'CREATED', 'CREATED'])
  })

  it('leaves unanswered what it does not speak of', async () => {
    const responses = ['4400000000003', '4400000000001'].map((Key) => ({ Key, Status: '0', ActionType: 'Update' }))
    expect(outcomesOf(await fatesOf(three, { responses }))).toEqual(['UPDATED', 'PENDING', 'UPDATED'])
  })

  it('answers two records of one key in turn', async () => {
    const responses = [
      { Key: '1', Status: '0', ActionType: 'Create' },
      { Key: '1', Status: '7201' },
    ]
    const fates = await fatesOf(keyed('1', '1'), { responses }, { options: { upsert: 'CREATE_ONLY' } })
    expect(outcomesOf(fates)).toEqual(['CREATED', 'FAILED'])
  })

  it.each([
    ['a failure code in Status, whatever Result says', { Status: 7031, Result: 'Success' }, 'FAILED'],
    ['a Result that speaks of success', { Result: 'Profile updated successfully' }, 'UPSERTED'],
    ['a Result that speaks of no success', { Status: '5', Result: 'Unsuccessful' }, 'FAILED'],
    ['a Result that says no beside a success', { Status: '0', Result: 'Rejected' }, 'FAILED'],
    ['a Result that says no alone', { Result: 'Could not update: error' }, 'FAILED'],
    ['a Result that is another word beside a success', { Status: '200', Result: 'Profile modified' }, 'UPSERTED'],
    ['a Result of no change beside a success', { Status: '0', Result: 'Unchanged' }, 'UPSERTED'],
    ['another Result of no change beside a success', { Status: 'Success', Result: 'No change' }, 'UPSERTED'],
    ['a Result that is another word alone', { Result: 'Completed' }, 'UNKNOWN'],
    ['a Result that is another word beside an unknown Status', { Status: '77', Result: 'Unchanged' }, 'UNKNOWN'],
    ['a success in Status alone', { Status: 'success' }, 'UPSERTED'],
    ['a Status that is not documented', { Status: '77' }, 'UNKNOWN'],
    ['an internal error of one record', { Status: 500 }, 'UNKNOWN'],
  ] as const)('takes %s for %s', async (_, answer, outcome) => {
    expect(outcomesOf(await fatesOf(keyed('1'), { responses: [{ Key: '1', ...answer }] }))).toEqual([outcome])
  })

  it.each([
    ['CREATE_ONLY', 'CREATED'],
    ['CREATE_OR_UPDATE', 'UPSERTED'],
    ['UPDATE_ONLY', 'UPDATED'],
  ] as const)('without records proves %s by the count of updates', async (upsert, outcome) => {
    const count = (updates: unknown) => ({ 'transaction-id': 't', 'update-count': updates })
    expect(outcomesOf(await fatesOf(three, count('3'), { options: { upsert } }))).toEqual([outcome, outcome, outcome])
    expect(outcomesOf(await fatesOf(three, count(2), { options: { upsert } }))).toEqual([
      'UNKNOWN',
      'UNKNOWN',
      'UNKNOWN',
    ])
  })

  it('counts the profiles that the only filter of a call reached, and warns beyond maxAffected', async () => {
    const filter = [{ attribute: 'tier', operator: 'EQUALS', value: 'gold', logical: 'AND' }] as const
    const body = { 'update-count': 7, responses: [{ Key: '', Status: '0', ActionType: 'Update' }] }
    const options = { matching: 'FILTER', maxAffected: 5 } as const
    expect(await fatesOf([{ filter: [...filter] }], body, { options })).toMatchObject([
      { outcome: 'UPDATED', affected: 7, warnings: [{ code: 'DESTINATION_WARNING' }] },
    ])
    const two = [{ filter: [...filter] }, { filter: [...filter] }]
    expect(outcomesOf(await fatesOf(two, { 'update-count': 7 }, { options }))).toEqual(['UNKNOWN', 'UNKNOWN'])
  })

  it('is accepted and not yet done where it has a request-id alone', async () => {
    const { answer } = await ask(three, {
      answers: [{ body: { 'transaction-id': 't1', 'request-id': 12345678901234567n.toString() } }],
    })
    const requestId = '12345678901234567'
    expect(answer).toEqual({
      kind: 'continued',
      by: 'poll',
      ticket: { requestId, transactionId: 't1' },
      vendorRequestId: requestId,
    })
  })
})

describe('a failure code', () => {
  const ofTheCall = [
    [200, 1010, 'REFUSED_FOR_A_RECORD', 'DESTINATION_REJECTED'],
    [200, 7200, 'REFUSED_FOR_A_RECORD', 'PROFILE_NOT_FOUND'],
    [200, 7201, 'REFUSED_FOR_A_RECORD', 'PROFILE_EXISTS'],
    [200, 7029, 'REFUSED_FOR_A_RECORD', 'UNKNOWN_ATTRIBUTE'],
    [200, 3005, 'REFUSED', 'UNKNOWN_PROFILE_TYPE'],
    [200, 7031, 'REFUSED', 'UNKNOWN_PROFILE_TYPE'],
    [401, 430, 'FORBIDDEN', 'DESTINATION_FORBIDDEN'],
    [401, 498, 'AUTHENTICATION', 'DESTINATION_AUTH'],
    [200, 498, 'AUTHENTICATION', 'DESTINATION_AUTH'],
    [405, 405, 'REFUSED', 'DESTINATION_REJECTED'],
    [429, 429, 'THROTTLED', 'DESTINATION_UNAVAILABLE'],
    [499, 499, 'NO_ANSWER', 'NO_ANSWER'],
    [500, 500, 'NO_ANSWER', 'NO_ANSWER'],
    [500, 1001, 'REFUSED', 'DESTINATION_REJECTED'],
    [200, 9999, 'REFUSED', 'DESTINATION_REJECTED'],
    [500, 9999, 'NO_ANSWER', 'NO_ANSWER'],
  ] as const
  it.each(ofTheCall)('of the call, HTTP %i and code %i, is %s with %s', async (status, code, fault, ours) => {
    for (const written of [code, String(code)]) {
      const body = { code: written, description: 'in its own words' }
      const { answer } = await ask(keyed('1', '2'), { answers: [{ status, body }] })
      expect(answer).toMatchObject({
        fault,
        details: { code: ours, vendorCode: String(code), vendorMessage: 'in its own words' },
      })
    }
  })

  it('of the call is the documented example', async () => {
    const { answer } = await ask(keyed('1', '2'), {
      answers: [{ body: fixtureText('webex/whole-call-failure.answer.json') }],
    })
    expect(answer).toMatchObject({ fault: 'REFUSED_FOR_A_RECORD', details: { vendorCode: '1010' } })
  })

  it.each([
    [499, 'NO_ANSWER'],
    [405, 'REFUSED'],
    [401, 'AUTHENTICATION'],
    [429, 'THROTTLED'],
  ] as const)('that is the HTTP status alone, %i, is %s', async (status, fault) => {
    const { answer } = await ask(keyed('1', '2'), { answers: [{ status, body: '<html>' }] })
    expect(answer).toMatchObject({ fault })
  })

  it.each([
    [7200, 'PROFILE_NOT_FOUND'],
    [7201, 'PROFILE_EXISTS'],
    [7029, 'UNKNOWN_ATTRIBUTE'],
    [1010, 'DESTINATION_REJECTED'],
  ] as const)('%i of a call with one record is the failure of that record: %s', async (code, ours) => {
    const body = { code, description: 'no' }
    expect(await fatesOf(keyed('1'), body)).toMatchObject([{ outcome: 'FAILED', errors: [{ code: ours }] }])
  })

  it.each(['abcd\\/efgh+ijkl=', 'abcd/efgh\\u002bijkl\\u003D'])('shows no token that is echoed as %s', async (echo) => {
    const body = `{"code":498,"description":"Invalid token ${echo}"}`
    const { answer } = await ask(keyed('1', '2'), {
      configuration: { token: 'abcd/efgh+ijkl=' },
      answers: [{ status: 401, body }],
    })
    expect(answer).toMatchObject({ details: { vendorMessage: 'Invalid token [secret]' } })
  })

  it('7201 proves nothing when an earlier attempt may have created the profile', async () => {
    const create = { options: { upsert: 'CREATE_ONLY' }, repeated: true } as const
    const errors = [{ code: 'NO_ANSWER', vendorCode: '7201' }]
    expect(await fatesOf(keyed('1'), { code: 7201 }, create)).toMatchObject([{ outcome: 'UNKNOWN', errors }])
    const responses = [{ Key: '1', Status: '7201' }]
    expect(await fatesOf(keyed('1'), { responses }, create)).toMatchObject([{ outcome: 'UNKNOWN', errors }])
  })
})
