import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json } from '../../src/sandbox/altcraft/json.ts'
import { readXml, writeXml } from '../../src/sandbox/altcraft/xml.ts'
import { openAltcraft, token } from './altcraft-bench.ts'

describe('the reader', () => {
  test.each([
    ['a prolog and comments', '<?xml version="1.0" encoding="UTF-8"?><!-- <a> --><xml><a>1</a></xml>', { a: '1' }],
    ['an empty document', '<xml/>', {}],
    ['everything as text', '<xml><a>01</a><b>true</b><c>1e3</c></xml>', { a: '01', b: 'true', c: '1e3' }],
    ['repeated elements as an array', '<xml><a>1</a><b/><a>2</a></xml>', { a: ['1', '2'], b: '' }],
    ['a marked element as an array', "<xml><a array='true'><b>1</b></a></xml>", { a: [{ b: '1' }] }],
    ['a marked empty element as an empty array', '<xml><a array="true"/></xml>', { a: [] }],
    [
      'the known arrays unmarked',
      '<xml><data><phones>1</phones><subscriptions><cats>x</cats></subscriptions></data></xml>',
      { data: [{ phones: ['1'], subscriptions: [{ cats: ['x'] }] }] },
    ],
    [
      'a function where a known array could be',
      "<xml><data><phones><action>add</action><value array='true'>1</value></phones></data></xml>",
      { data: [{ phones: { action: 'add', value: ['1'] } }] },
    ],
    ['the five entities once', '<xml><a>&lt;&amp;lt;&gt;&quot;&apos;</a></xml>', { a: '<&lt;>"\'' }],
    ['numbered characters', '<xml><a>&#65;&#x1F600;&#10;</a></xml>', { a: 'A😀\n' }],
    ['CDATA as it stands', '<xml><a><![CDATA[<b>&amp;</b>]]></a></xml>', { a: '<b>&amp;</b>' }],
    ['blanks inside a text', '<xml>\n <a> x </a>\n</xml>', { a: ' x ' }],
    ['names of every script', '<xml><Имя>x</Имя></xml>', { Имя: 'x' }],
    ['names that objects have anyway', '<xml><toString>x</toString></xml>', { toString: 'x' }],
  ])('reads %s', (_, text, expected) => {
    expect(readXml(text)).toEqual(expected)
  })

  test.each([
    ['a DTD', '<!DOCTYPE xml><xml/>'],
    ['a DTD with entities', '<!DOCTYPE xml [<!ENTITY a "b">]><xml><a>&a;</a></xml>'],
    ['a DTD within', '<xml><!DOCTYPE xml></xml>'],
    ['a DTD after a comment that hides nothing', '<!-- x --><!DOCTYPE xml><xml/>'],
    ['an unknown entity', '<xml><a>&nbsp;</a></xml>'],
    ['a bare ampersand', '<xml><a>a & b</a></xml>'],
    ['a numbered control character', '<xml><a>&#0;</a></xml>'],
    ['a control character', '<xml><a>\u0001</a></xml>'],
    ['an element that is not closed', '<xml><a></xml>'],
    ['a comment that is not closed', '<xml><!-- </xml>'],
    ['two roots', '<xml/><xml/>'],
    ['another root', '<root/>'],
    ['text beside elements', '<xml>a<b>1</b></xml>'],
    ['nothing', ''],
    ['JSON', '{"a":1}'],
    ['elements nested without end', `<xml>${'<a>'.repeat(500)}${'</a>'.repeat(500)}</xml>`],
    ['the name __proto__', '<xml><__proto__>1</__proto__></xml>'],
  ])('refuses %s', (_, text) => {
    expect(() => readXml(text)).toThrow(/XML/)
  })
})

describe('the writer', () => {
  test('escapes, marks arrays of one and repeats the others', () => {
    const value: Record<string, Json> = { a: `<&>"'`, b: ['x'], c: [1, true], d: [], e: { f: null }, result: ['y'] }
    expect(writeXml(value)).toBe(
      `<xml><a>&lt;&amp;&gt;"'</a><b array='true'>x</b><c>1</c><c>true</c><d/><e><f/></e><result>y</result></xml>`,
    )
  })

  test('refuses names that XML cannot carry', () => {
    expect(() => writeXml({ '1st field': 1 })).toThrow('XML cannot carry the name 1st field')
  })

  test('writes what the reader reads', () => {
    const value = { a: 'x < y & z\r\n]]>', b: ['one'], c: { d: '😀' } }
    expect(readXml(writeXml(value))).toEqual(value)
  })
})

test('whatever is written in text is read back, arrays of one and of many among it', () => {
  const text = fc
    .string({ unit: 'binary' })
    .filter((value) => !/[^\P{Cc}\t\n\r\u007F-\u009F]|[\uFFFE\uFFFF]/u.test(value))
  const { node } = fc.letrec<{ node: Json }>((tie) => {
    const object = fc.dictionary(fc.stringMatching(/^_?[a-z][A-Za-z0-9]{0,8}$/), tie('node'), {
      minKeys: 1,
      maxKeys: 4,
    })
    const list = fc.array(
      fc.oneof(
        text.filter((value) => value.trim() !== ''),
        object,
      ),
      { maxLength: 3 },
    )
    return { node: fc.oneof({ maxDepth: 4 }, text, object, list) }
  })
  fc.assert(
    fc.property(node, (value) => {
      const wrapped = { root: value }
      const isReserved = /"(data|subscriptions|cats|phones|result|constructor)"/.test(JSON.stringify(wrapped))
      // An empty list outside the known arrays is an empty element, as an empty text is.
      const expected = JSON.parse(JSON.stringify(wrapped), (_, part) =>
        Array.isArray(part) && part.length === 0 ? '' : part,
      )
      if (!isReserved) expect(readXml(writeXml(wrapped))).toEqual(expected)
    }),
  )
})

describe('import_batch in XML', () => {
  const parameters = `<token>${token}</token><db_id>1</db_id>`

  test('reads every type of field, parameter and subscription from text', async () => {
    const { xml, stored } = openAltcraft()
    const answer = await xml(`<xml>${parameters}
      <matching>custom</matching><field_name>CRM_ID</field_name>
      <skip_triggers>true</skip_triggers><detect_geo>false</detect_geo>
      <data>
        <CRM_ID>00501</CRM_ID><_fname>Ana &amp; Bo</_fname>
        <LOYALTY_SCORE>12</LOYALTY_SCORE><balance>-1.5</balance><vip>true</vip><custom_enum>4</custom_enum>
        <_sex>1</_sex><_postal_code>028001</_postal_code>
        <interests array='true'>jazz</interests><phones array='true'>+34600111222</phones>
        <address><city>Rome</city></address><orders array='true'><id>1</id></orders>
        <subscriptions><channel>telegram_bot</channel><resource_id>28</resource_id>
          <cc_data><id>900100</id></cc_data><status>1</status><priority>2</priority></subscriptions>
        <subscriptions><channel>sms</channel><resource_id>3</resource_id><phone>+34600111222</phone>
          <cats>news</cats><custom_fields><member_number>7</member_number></custom_fields></subscriptions>
      </data></xml>`)
    expect(answer.body).toContain('<result><error>0</error>')
    expect(stored()).toMatchObject([
      {
        CRM_ID: '00501',
        _fname: 'Ana & Bo',
        LOYALTY_SCORE: 12,
        balance: -1.5,
        vip: true,
        custom_enum: 4,
        _sex: 1,
        _postal_code: '028001',
        interests: ['jazz'],
        phones: ['+34600111222'],
        address: { city: 'Rome' },
        orders: [{ id: '1' }],
        subscriptions: [
          { channel: 'telegram_bot', cc_data: { id: 900_100 }, status: 'unsubscribed', priority: 2 },
          { channel: 'sms', cats: ['news'], custom_fields: { member_number: 7 } },
        ],
        triggers: [{ fired: false }, { fired: false }, { fired: false }],
      },
    ])
  })

  test('answers failed items in their place, without an id', async () => {
    const { xml, stored } = openAltcraft()
    const data = '<data><email>x</email></data><data><email>a@example.com</email></data><data/>'
    const answer = await xml(`<xml>${parameters}${data}</xml>`)
    expect(answer.body).toBe(
      '<xml><error>0</error><error_text>Successful operation</error_text>' +
        '<result><error>400</error><error_text>incorrect email</error_text></result>' +
        `<result><error>0</error><error_text>Successful operation</error_text><profile_id>${stored()[0]?.id}</profile_id></result>` +
        '<result><error>400</error><error_text>email is required for matching</error_text></result></xml>',
    )
  })

  test('is refused in XML', async () => {
    const { xml } = openAltcraft()
    expect(await xml('<!DOCTYPE xml><xml/>')).toEqual({
      status: 400,
      headers: { 'content-type': 'application/xml; charset=utf-8' },
      body: '<xml><error>400</error><error_text>XML must not hold a DTD</error_text></xml>',
    })
    expect((await xml('<xml><db_id>1</db_id></xml>')).body).toBe(
      '<xml><error>401</error><error_text>API token required</error_text></xml>',
    )
    expect((await xml(`<xml>${parameters}<matching>key</matching><data/></xml>`)).body).toContain('<error>400</error>')
  })
})
