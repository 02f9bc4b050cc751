import { describe, expect, test } from 'vitest'
import { openAltcraft, plainShape, token } from './altcraft-bench.ts'
import { jsonExample, xmlExample } from './altcraft-examples.ts'

const lala = {
  _fname: 'Lala',
  _lname: 'Doe',
  Custom_ID: 77,
  email: 'example@example.com',
  subscriptions: [
    {
      channel: 'email',
      resource_id: 28,
      status: 'subscribed',
      email_data: { email: 'example@example.com' },
      custom_fields: { custom_field: 'test value' },
      cats: ['category_1', 'category_2'],
    },
  ],
  triggers: [
    { event: 'profile_created', fired: false },
    { event: 'subscription_created', fired: false },
  ],
}

describe('the examples of the specification', () => {
  test('imports the JSON example and answers in JSON as documented', async () => {
    const { send, stored } = openAltcraft()
    const answer = await send({ body: jsonExample })
    expect(answer.status).toBe(200)
    const [first, second] = stored()
    expect(JSON.parse(answer.body)).toEqual({
      error: 0,
      error_text: 'Successful operation',
      result: [
        { error: 0, error_text: 'Successful operation', profile_id: first?.id },
        { error: 0, error_text: 'Successful operation', profile_id: second?.id },
      ],
    })
    expect(first?.id).toMatch(/^[0-9a-f]{24}$/)
    expect(first).toMatchObject(lala)
    expect(second).toMatchObject({ _fname: 'Victor', Custom_ID: 88, email: 'example@example.com', subscriptions: [] })
  })

  test('imports the XML example and answers in XML as documented', async () => {
    const { xml, stored } = openAltcraft()
    const answer = await xml(xmlExample)
    const [first, second] = stored()
    expect(answer).toEqual({
      status: 200,
      headers: { 'content-type': 'application/xml; charset=utf-8' },
      body:
        '<xml><error>0</error><error_text>Successful operation</error_text>' +
        `<result><error>0</error><error_text>Successful operation</error_text><profile_id>${first?.id}</profile_id></result>` +
        `<result><error>0</error><error_text>Successful operation</error_text><profile_id>${second?.id}</profile_id></result>` +
        '</xml>',
    })
    expect(first).toMatchObject(lala)
    expect(second).toMatchObject({ _fname: 'Alex', Custom_ID: 345 })
  })

  test('updates, on a second import, what the first one created', async () => {
    const { send, xml, stored } = openAltcraft()
    await send({ body: jsonExample })
    await xml(xmlExample)
    await send({ body: jsonExample })
    expect(stored().map(({ _fname }) => _fname)).toEqual(['Lala', 'Victor', 'Alex'])
    expect(stored()[0]?.subscriptions).toHaveLength(1)
  })

  test('refuses the second e-mail of the example once e-mails are unique', async () => {
    const { altcraft, send, stored } = openAltcraft()
    altcraft.configure({ uniqueEmail: true })
    const { result } = JSON.parse((await send({ body: jsonExample })).body)
    expect(result[1]).toEqual({ error: 409, error_text: 'Profile with this email already exists' })
    expect(stored()).toHaveLength(1)
  })
})

describe('a batch', () => {
  test('keeps the order of its items, the failed ones among them without an id', async () => {
    const { importBatch, stored } = openAltcraft()
    const data = [{ email: 'a@example.com' }, { email: 'nobody' }, null, { _fname: 'Bo' }, { email: 'b@example.com' }]
    const { error, result } = await importBatch({ data })
    expect(error).toBe(0)
    expect(result.map((item) => item.error)).toEqual([0, 400, 400, 400, 0])
    expect(result[1]).toEqual({ error: 400, error_text: 'incorrect email' })
    expect(result.map((item) => item.profile_id)).toEqual([
      stored()[0]?.id,
      undefined,
      undefined,
      undefined,
      stored()[1]?.id,
    ])
  })

  test('lets a later item update the profile that an earlier one created', async () => {
    const { importItems, stored } = openAltcraft()
    const { ids } = await importItems([
      { email: 'A@example.com', _fname: 'Ann' },
      { email: ' a@EXAMPLE.com ', _lname: 'Lee' },
    ])
    expect(ids[0]).toBe(ids[1])
    expect(stored()).toMatchObject([{ _fname: 'Ann', _lname: 'Lee', email: 'a@EXAMPLE.com' }])
  })

  test('without items has no results', async () => {
    const { importBatch, xml } = openAltcraft()
    expect(await importBatch({ data: [] })).toEqual({ error: 0, error_text: 'Successful operation', result: [] })
    const answer = await xml(`<xml><token>${token}</token><db_id>1</db_id><data/></xml>`)
    expect(answer.body).toBe('<xml><error>0</error><error_text>Successful operation</error_text><result/></xml>')
  })

  test('writes nothing of an item that fails', async () => {
    const { importItems, stored } = openAltcraft()
    await importItems([{ email: 'a@example.com', _fname: 'Ann' }])
    const { codes } = await importItems([{ email: 'a@example.com', _fname: 'Changed', _ip: '300.1.1.1' }])
    expect(codes).toEqual([400])
    expect(stored()[0]?.['_fname']).toBe('Ann')
  })

  test('of 10,000 profiles and more is taken', async () => {
    const { importItems, stored } = openAltcraft()
    const data = Array.from({ length: 10_001 }, (_, index) => ({ email: `p${index}@example.com` }))
    const { codes } = await importItems(data)
    expect(codes.every((code) => code === 0)).toBe(true)
    expect(stored()).toHaveLength(10_001)
  })

  test('has more or fewer results, or numbers as strings, when a fault wants it', async () => {
    const { send } = openAltcraft()
    const results = async (shape: object) =>
      JSON.parse((await send({ body: jsonExample }, { ...plainShape, ...shape })).body)
    expect((await results({ lengthBy: -1 })).result).toHaveLength(1)
    expect((await results({ lengthBy: 2 })).result).toHaveLength(4)
    const { error, result } = await results({ numbersAsStrings: true })
    expect([error, result[0].error]).toEqual(['0', '0'])
  })
})

describe('update_batch', () => {
  test('updates what it finds and answers 404 for the rest', async () => {
    const { call, importItems, stored } = openAltcraft()
    await importItems([{ email: 'a@example.com' }])
    const data = [{ email: 'b@example.com' }, { email: 'a@example.com', _fname: 'Ann' }]
    const { error, result } = await call('update_batch', { data })
    expect(error).toBe(0)
    expect(result).toEqual([
      { error: 404, error_text: 'Profile not found' },
      { error: 0, error_text: 'Successful operation', profile_id: stored()[0]?.id },
    ])
    expect(stored()).toMatchObject([{ email: 'a@example.com', _fname: 'Ann' }])
  })

  test('knows neither skip_triggers nor detect_geo', async () => {
    const { call, importItems, stored } = openAltcraft()
    await importItems([{ email: 'a@example.com' }], { skip_triggers: true })
    const data = [{ email: 'a@example.com', _ip: '192.0.2.7' }]
    await call('update_batch', { data, skip_triggers: true, detect_geo: true })
    expect(stored()[0]?.['_city']).toBeUndefined()
    expect(stored()[0]?.triggers).toMatchObject([
      { event: 'profile_created', fired: false },
      { event: 'profile_updated', fired: true },
    ])
  })
})

describe('detect_geo and triggers', () => {
  test('fills in the places of _regip and _ip where the item does not give them', async () => {
    const { importItems, stored } = openAltcraft()
    const item = { email: 'a@example.com', _regip: '198.51.100.1', _ip: '192.0.2.7', _city: 'Tver' }
    await importItems([item, { email: 'b@example.com', _ip: '2001:db8::1' }], { detect_geo: true })
    expect(stored()[0]).toMatchObject({
      _regcountry: 'ES',
      _regcity: 'Madrid',
      _country: 'RU',
      _region: 'Moscow',
      _city: 'Tver',
      _postal_code: '101000',
      _tz: 'Europe/Moscow',
    })
    expect(stored()[1]).not.toHaveProperty('_country')
  })

  test('leaves places alone without the flag', async () => {
    const { importItems, stored } = openAltcraft()
    await importItems([{ email: 'a@example.com', _ip: '192.0.2.7' }])
    expect(stored()[0]).not.toHaveProperty('_country')
  })

  test('records which triggers fired', async () => {
    const { importItems, stored } = openAltcraft()
    const item = (status: string) => ({
      email: 'a@example.com',
      subscriptions: [{ channel: 'email', resource_id: 28, email: 'a@example.com', status }],
    })
    await importItems([item('subscribed')])
    await importItems([item('subscribed')])
    await importItems([item('unsubscribed')], { skip_triggers: true })
    expect(stored()[0]?.triggers).toMatchObject([
      { event: 'profile_created', fired: true },
      { event: 'subscription_created', fired: true },
      { event: 'subscription_status_changed', fired: false },
    ])
  })
})

describe('profiles/get', () => {
  test('finds by any matching and shows the documented form', async () => {
    const { call, importItems } = openAltcraft()
    const subscriptions = [{ channel: 'email', resource_id: 28, email: 'a@example.com' }]
    const { ids } = await importItems([{ email: 'a@example.com', CRM_ID: 'x', _bdate: '1990-07-06', subscriptions }])
    const found = await call('get', { matching: 'custom', field_name: 'CRM_ID', field_value: 'x' })
    expect(found).toMatchObject({
      error: 0,
      data: { id: ids[0], db_id: 1, email: 'a@example.com', _bdate: '1990-07-06T00:00:00.000Z' },
    })
    expect((await call('get', { email: 'a@example.com' })).data).toEqual(found.data)
    expect(await call('get', { matching: 'profile_id', profile_id: ids[0] })).toMatchObject({ data: { id: ids[0] } })
    expect(await call('get', { email: 'nobody@example.com' })).toEqual({ error: 404, error_text: 'Profile not found' })
  })

  test('answers in XML with marked arrays of one', async () => {
    const { send, importItems } = openAltcraft()
    await importItems([{ email: 'a@example.com', phones: ['+34600111222'], _fname: 'A & <B>' }])
    const body = JSON.stringify({ token, db_id: 1, email: 'a@example.com', format: 'xml' })
    const answer = await send({ path: '/api/v1.1/profiles/get/', body })
    expect(answer.body).toContain("<phones array='true'>+34600111222</phones><_fname>A &amp; &lt;B&gt;</_fname>")
  })
})

test('a reset forgets profiles and settings', async () => {
  const { altcraft, importItems, stored } = openAltcraft({ uniqueEmail: true })
  await importItems([{ email: 'a@example.com' }])
  altcraft.configure({ uniqueEmail: false, mirrorErrorInStatus: true })
  altcraft.reset()
  expect(stored()).toEqual([])
  expect(altcraft.configure({})).toMatchObject({ uniqueEmail: true, mirrorErrorInStatus: false })
})
