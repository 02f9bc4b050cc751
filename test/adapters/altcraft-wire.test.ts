import { describe, expect, it } from 'vitest'
import { DestinationError } from '../../src/contract/error.ts'
import type { ProfileRecord } from '../../src/contract/profile.ts'
import { altcraftAdapter, altcraftToken, ask, type Configuration, fatesOf } from './altcraft-bench.ts'
import { fixtureJson, fixtureText, type ScriptedAnswer } from './scripted-vendor.ts'

const xml = { format: 'xml' } as const

const lala: ProfileRecord = {
  firstName: 'Lala',
  lastName: 'Doe',
  email: 'example@example.com',
  attributes: { Custom_ID: 77 },
  extensions: [
    {
      channel: 'EMAIL',
      address: 'example@example.com',
      resourceId: 28,
      customFields: { custom_field: 'test value' },
      categories: ['category_1', 'category_2'],
    },
  ],
}
const other = (firstName: string, id: number): ProfileRecord => ({
  firstName,
  email: 'example@example.com',
  attributes: { Custom_ID: id },
})
const example = { matching: 'CUSTOM', matchingField: 'Custom_ID', skipTriggers: true } as const

/** The document without the line breaks between its elements. */
const onOneLine = (text: string) => text.replaceAll(/>\s+</g, '><').trim()

describe('an import', () => {
  it('is the example of the vendor page in JSON', async () => {
    const { call } = await ask([lala, other('Victor', 88)], example)
    expect(call).toEqual({
      method: 'POST',
      url: 'https://altcraft.example.com/api/v1.1/profiles/import_batch',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: fixtureJson('altcraft/import-batch.request.json'),
    })
  })

  it('is the example of the vendor page in XML, element by element', async () => {
    const { call } = await ask([lala, other('Alex', 345)], example, xml)
    expect(call).toEqual({
      method: 'POST',
      url: 'https://altcraft.example.com/api/v1.1/profiles/import_batch',
      headers: { 'content-type': 'application/xml', accept: 'application/xml' },
      body: onOneLine(fixtureText('altcraft/import-batch.request.xml')),
    })
  })

  it('says nothing that is a default', async () => {
    const { call } = await ask([{ email: 'ada@example.com' }], { matching: 'EMAIL' })
    expect(call?.body).toEqual({
      token: altcraftToken,
      db_id: 1,
      matching: 'email',
      data: [{ email: 'ada@example.com' }],
    })
  })

  it('says every option by its name', async () => {
    const { call } = await ask([{ email: 'ada@example.com' }], {
      matching: 'EMAIL',
      skipTriggers: true,
      detectGeo: true,
      skipInvalidExtensions: true,
      resourceId: 24,
    })
    expect(call?.body).toMatchObject({
      skip_triggers: true,
      detect_geo: true,
      skip_invalid_subscriptions: true,
      resource_id: 24,
    })
  })

  it('is an update under UPDATE_ONLY', async () => {
    const { call } = await ask([{ key: 'c1' }], { upsert: 'UPDATE_ONLY' })
    expect(call?.url).toBe('https://altcraft.example.com/api/v1.1/profiles/update_batch')
  })

  it('finds by KEY as by the configured custom field', async () => {
    const { call } = await ask([{ key: 'c1', firstName: 'Ada' }])
    expect(call?.body).toMatchObject({
      matching: 'custom',
      field_name: 'CRM_ID',
      data: [{ _fname: 'Ada', CRM_ID: 'c1' }],
    })
  })

  it.each([
    [null, 1],
    ['contact', 1],
    ['lead', 7],
  ])('of the profile type %s goes to database %i', async (profileType, databaseId) => {
    const { call } = await ask([{ key: 'c1' }], { profileType }, { profileTypes: { lead: '7' } })
    expect(call?.body).toMatchObject({ db_id: databaseId })
  })

  it('marks lists of one in XML, and escapes what would be markup', async () => {
    const record: ProfileRecord = {
      key: 'a<b>&"\'',
      phone: '+34600111222',
      attributes: { interests: ['jazz'], nothing: [], both: ['a', 'b'], vip: true, text: 'two\r\nlines' },
    }
    const { call } = await ask([record], {}, xml)
    expect(call?.body).toBe(
      `<xml><token>${altcraftToken}</token><db_id>1</db_id><matching>custom</matching><field_name>CRM_ID</field_name><data array='true'><interests array='true'>jazz</interests><nothing/><both>a</both><both>b</both><vip>true</vip><text>two&#13;\nlines</text><CRM_ID>a&lt;b&gt;&amp;&quot;&apos;</CRM_ID><phones array='true'>+34600111222</phones></data></xml>`,
    )
  })
})

describe('an answer', () => {
  const one = [{ key: 'c1' }]
  const two = [{ key: 'c1' }, { key: 'c2' }]
  const fatesFor = async (records: ProfileRecord[], reply: ScriptedAnswer, configuration: Configuration = {}) =>
    fatesOf((await ask(records, {}, configuration, reply)).answer)
  const errorFor = async (reply: ScriptedAnswer, configuration: Configuration = {}): Promise<DestinationError> => {
    const { answer } = await ask(two, {}, configuration, reply)
    if (answer instanceof DestinationError) return answer
    throw new TypeError(`the call was answered: ${JSON.stringify(answer)}`)
  }

  it.each([
    ['json', {}],
    ['xml', xml],
    ['json', xml],
    ['xml', {}],
  ] as const)('is the example of the vendor page in %s', async (format, configuration) => {
    const body = fixtureText(`altcraft/import-batch.response.${format}`)
    const fates = await fatesFor(one, { body }, configuration)
    expect(fates).toEqual([{ outcome: 'UPSERTED', profileId: 'abcdefghijklmnqrstuvwxyz' }])
  })

  it('is UPDATED where only that was asked for', async () => {
    const reply = { body: { error: 0, result: [{ error: 0, profile_id: 'p1' }] } }
    const { answer } = await ask(one, { upsert: 'UPDATE_ONLY' }, {}, reply)
    expect(fatesOf(answer)).toEqual([{ outcome: 'UPDATED', profileId: 'p1' }])
  })

  it.each([
    [400, 'INVALID_VALUE'],
    [404, 'PROFILE_NOT_FOUND'],
    [409, 'AMBIGUOUS_MATCH'],
    [401, 'DESTINATION_REJECTED'],
    [402, 'DESTINATION_REJECTED'],
    [403, 'DESTINATION_REJECTED'],
    [440, 'DESTINATION_REJECTED'],
    [500, 'DESTINATION_REJECTED'],
  ])("reads a profile's %i as %s, with the vendor's words, in JSON and XML", async (error, code) => {
    const failed = {
      outcome: 'FAILED',
      errors: [{ code, vendorCode: String(error), vendorMessage: 'a & b', message: expect.any(String) }],
    }
    const json = {
      error: 0,
      result: [
        { error, error_text: 'a & b' },
        { error: '0', profile_id: 'p2' },
      ],
    }
    const document = `<xml><error>0</error><error_text/><result><error>${error}</error><error_text>a &amp; b</error_text></result><result><error>0</error><profile_id>p2</profile_id></result></xml>`
    const fates = [failed, { outcome: 'UPSERTED', profileId: 'p2' }]
    expect(await fatesFor(two, { body: json })).toEqual(fates)
    expect(await fatesFor(two, { body: document }, xml)).toEqual(fates)
  })

  it.each([
    [400, 'REFUSED', 'DESTINATION_REJECTED'],
    [401, 'AUTHENTICATION', 'DESTINATION_AUTH'],
    [402, 'ACCOUNT_REFUSED', 'DESTINATION_REJECTED'],
    [403, 'FORBIDDEN', 'DESTINATION_FORBIDDEN'],
    [404, 'REFUSED', 'DESTINATION_REJECTED'],
    [409, 'REFUSED', 'DESTINATION_REJECTED'],
    [440, 'REFUSED', 'DESTINATION_REJECTED'],
    [500, 'REFUSED', 'DESTINATION_REJECTED'],
  ] as const)("reads a call's %i as %s, whatever its status", async (error, fault, code) => {
    for (const status of [200, 400, error]) {
      const json = await errorFor({ status, body: { error, error_text: 'because' } })
      const body = `<xml><error>${error}</error><error_text>because</error_text></xml>`
      for (const thrown of [json, await errorFor({ status, body }, xml)]) {
        expect(thrown).toMatchObject({
          fault,
          details: { code, vendorCode: String(error), vendorMessage: 'because' },
        })
      }
    }
  })

  it.each([
    ['HTTP 429', { status: 429, body: { error: 400, error_text: 'slow' } }, 'THROTTLED'],
    ['error 429', { body: { error: 429, error_text: 'slow' } }, 'THROTTLED'],
    ['HTTP 500 with nothing', { status: 500 }, 'NO_ANSWER'],
    ['HTTP 503 with a page', { status: 503, body: '<html><body>busy</body></html>' }, 'NO_ANSWER'],
    ['HTTP 500 that calls itself a success', { status: 500, body: { error: 0, result: [] } }, 'NO_ANSWER'],
    ['HTTP 500 with results', { status: 500, body: { error: 500, result: [{ error: 0 }] } }, 'NO_ANSWER'],
    ['HTTP 200 with nothing', { body: '' }, 'NO_ANSWER'],
    ['HTTP 200 without results', { body: { error: 0, error_text: 'Successful operation' } }, 'NO_ANSWER'],
    ['HTTP 200 without an error code', { body: { result: [{ error: 0 }, { error: 0 }] } }, 'NO_ANSWER'],
    ['HTTP 404 with a page', { status: 404, body: 'not here' }, 'REFUSED'],
    ['HTTP 401 with nothing', { status: 401 }, 'AUTHENTICATION'],
    ['HTTP 402 with a page', { status: 402, body: '<html>Payment Required</html>' }, 'ACCOUNT_REFUSED'],
    ['HTTP 402 and an unknown code', { status: 402, body: { error: 7 } }, 'ACCOUNT_REFUSED'],
    ['HTTP 403 and an unknown code', { status: 403, body: { error: 7 } }, 'FORBIDDEN'],
  ] as const)('takes %s for what it is', async (_, reply, fault) => {
    expect(await errorFor(reply)).toMatchObject({ fault })
  })

  it('leaves open what is not answered, and what cannot be read', async () => {
    const result = [{ error: 0, profile_id: 'p1' }]
    expect(await fatesFor(two, { body: { error: 0, result: [null, ...result] } })).toMatchObject([
      { outcome: 'PENDING' },
      { outcome: 'UPSERTED' },
    ])
  })

  it.each([
    ['a success', { error: 0, profile_id: 'p1' }],
    ['a refusal', { error: 400, error_text: 'incorrect email' }],
  ])('with fewer results than profiles does not tell whose they are: %s', async (_, result) => {
    const reply = { body: { error: 0, result: [result] } }
    const shortFates = async (repeated: boolean) => fatesOf((await ask(two, {}, {}, reply, repeated)).answer)
    expect(await shortFates(false)).toEqual([{ outcome: 'PENDING' }, { outcome: 'PENDING' }])
    const unknown = {
      outcome: 'UNKNOWN',
      errors: [{ code: 'NO_ANSWER', message: expect.stringContaining('1 results') }],
    }
    expect(await shortFates(true)).toEqual([unknown, unknown])
  })

  it.each([
    ['a DTD', '<!DOCTYPE xml [<!ENTITY p "0">]>', '<error>&p;</error><result><error>&p;</error></result>'],
    ['a DTD alone', '<!DOCTYPE xml>', '<error>0</error><result><error>0</error></result>'],
    ['an entity of its own', '', '<error>0</error><error_text>&secret;</error_text><result><error>0</error></result>'],
    ['another root', '<a/>', '<error>0</error><result><error>0</error></result>'],
    ['an open element', '', '<error>0</error><result><error>0</error>'],
  ])('is not read when it has %s', async (_, prolog, content) => {
    expect(await errorFor({ body: `${prolog}<xml>${content}</xml>` }, xml)).toMatchObject({ fault: 'NO_ANSWER' })
  })

  it("reads XML's own entities and characters by number, once", async () => {
    const text = '&lt;&gt;&amp;&quot;&apos;&#65;&#x42;&amp;lt;'
    const body = `<?xml version="1.0"?><xml><error>0</error><result><error>7</error><error_text>${text}</error_text></result></xml>`
    expect(await fatesFor(one, { body }, xml)).toMatchObject([{ errors: [{ vendorMessage: `<>&"'AB&lt;` }] }])
  })

  it('shows no token, whatever the vendor repeats', async () => {
    const error = await errorFor({ body: { error: 403, error_text: `no rights: ${altcraftToken}` } })
    expect(`${JSON.stringify(error)} ${error.message}`).not.toContain(altcraftToken)
  })

  it('is all there is: nothing is gone on with', async () => {
    const { adapter } = altcraftAdapter()
    await expect(adapter.resume(null, {} as never)).rejects.toThrow(TypeError)
  })
})
