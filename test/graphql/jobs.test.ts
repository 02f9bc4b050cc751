import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { encodeGlobalId, idOf } from '../../src/graphql/global-id.ts'
import { type Answer, type Api, codesOf, openApi } from './api.ts'

let api: Api
beforeAll(async () => {
  api = await openApi()
})
afterAll(() => api.close())

let tenants = 0
let tenant = ''
beforeEach(() => {
  tenants += 1
  tenant = `tenant-${tenants}`
})

const unknownId = '0198b6f0-0000-7000-8000-000000000000'
const data = (source: string, variables: Record<string, unknown> = {}) => api.data({ tenant }, source, variables)

const upsert = `mutation ($input: BulkUpsertProfilesInput!) {
  bulkUpsertProfiles(input: $input) {
    __typename
    ... on JobPayload { job { id state version staged audit progress { total processed created failed percent } } }
    ... on UserError { message }
    ... on InvalidInputError { issues { path message } }
    ... on InvalidRecordsError { totalInvalid records { index clientRef destinationIds errors { code field } } }
    ... on UnsupportedByDestinationError { destinationId feature requested supported }
    ... on IdempotencyConflictError { jobId }
  }
}`
const submit = async (input: Record<string, unknown>): Promise<Answer> =>
  (await data(upsert, { input })).bulkUpsertProfiles
const profiles = (count: number) =>
  Array.from({ length: count }, (_, number) => ({ key: `C-${number}`, email: `${number}@example.com` }))

describe('bulkUpsertProfiles', () => {
  it('answers the job that it made', async () => {
    expect(await submit({ profiles: profiles(3), audit: ['spring'] })).toEqual({
      __typename: 'JobPayload',
      job: {
        id: expect.any(String),
        state: 'SUCCEEDED',
        version: expect.any(Number),
        staged: 3,
        audit: ['spring'],
        progress: { total: 3, processed: 3, created: 3, failed: 0, percent: 100 },
      },
    })
  })

  it('answers each kind of refusal as its own type', async () => {
    expect(await submit({ profiles: [] })).toMatchObject({
      __typename: 'InvalidInputError',
      message: expect.any(String),
    })
    expect(await submit({ profiles: [{ key: 'a', email: 'nobody', clientRef: 'r1' }] })).toMatchObject({
      __typename: 'InvalidRecordsError',
      totalInvalid: 1,
      records: [
        { index: 0, clientRef: 'r1', destinationIds: ['local'], errors: [{ code: 'INVALID_EMAIL', field: 'email' }] },
      ],
    })
    expect(await submit({ profiles: profiles(1), detectGeo: true })).toMatchObject({
      __typename: 'UnsupportedByDestinationError',
      destinationId: 'local',
      feature: 'detectGeo',
    })
    const { job } = await submit({ profiles: profiles(1), idempotencyKey: 'once' })
    expect(await submit({ profiles: profiles(2), idempotencyKey: 'once' })).toMatchObject({
      __typename: 'IdempotencyConflictError',
      jobId: job.id,
    })
  })

  it('fails the one record whose day does not exist, not the request', async () => {
    const { job } = await submit({
      onInvalid: 'SKIP_INVALID',
      profiles: [
        { key: 'a', birthDate: '1991-02-30' },
        { key: 'b', birthDate: '1991-02-28' },
      ],
    })
    expect(job).toMatchObject({ state: 'PARTIALLY_FAILED', progress: { created: 1, failed: 1 } })
  })

  it.each([
    ['a number as a day', { birthDate: 19910228 }, 'Date takes a string'],
    ['a list of attributes', { attributes: ['a'] }, 'JSONObject takes an object'],
    ['an attribute named __proto__', { attributes: JSON.parse('{"__proto__": {"admin": true}}') }, '__proto__'],
  ])('refuses %s as no value of its type', async (_what, fields, message) => {
    const answer = await api.ask({ tenant }, upsert, { input: { profiles: [{ key: 'a', ...fields }] } })
    expect(codesOf(answer)).toMatchObject([{ code: 'BAD_USER_INPUT', message: expect.stringContaining(message) }])
  })

  it('takes attributes from the text of a query too', async () => {
    await data(
      'mutation { defineProfileType(input: { name: "contact", attributes: [{ name: "a" }, { name: "n", type: INTEGER }, { name: "t", type: TAGS }] }) { __typename } }',
    )
    await data(
      `mutation ($n: JSONObject) { bulkUpsertProfiles(input: { profiles: [
        { key: "literal", attributes: { a: "x", n: 7, t: ["p", "q"] } }, { key: "variable", attributes: $n }
      ] }) { __typename } }`,
      { n: { n: 8 } },
    )
    expect(await data('{ profiles { nodes { key attributes } } }')).toEqual({
      profiles: {
        nodes: [
          { key: 'literal', attributes: { a: 'x', n: 7, t: ['p', 'q'] } },
          { key: 'variable', attributes: { n: 8 } },
        ],
      },
    })
  })
})

describe('the results of a job', () => {
  const results = `query ($id: ID!, $destinationId: ID, $outcomes: [RecordOutcome!], $first: Int, $after: String) {
    job(id: $id) {
      results(destinationId: $destinationId, outcomes: $outcomes, first: $first, after: $after) {
        totalCount
        nodes { index line sourceIndex key outcome affected profileId profile { id key } errors { code } }
        pageInfo { hasNextPage hasPreviousPage endCursor }
      }
    }
  }`

  it('come in pages, each with the profile that it reached, in a constant number of statements', async () => {
    const { job } = await submit({ profiles: profiles(60) })
    const read = async (variables: Record<string, unknown>) => {
      const before = api.statements.length
      const page = (await data(results, { id: job.id, ...variables })).job.results
      return { page, statements: api.statements.length - before }
    }
    const few = await read({ first: 2 })
    const all = await read({ first: 60 })
    expect(all.statements).toBe(few.statements)
    expect(few.page).toMatchObject({ totalCount: 60, pageInfo: { hasNextPage: true, hasPreviousPage: false } })
    expect(few.page.nodes[1]).toMatchObject({
      index: 1,
      line: null,
      sourceIndex: null,
      key: 'C-1',
      outcome: 'CREATED',
      affected: 1,
    })
    for (const { key, profileId, profile } of all.page.nodes) {
      expect(profile).toEqual({ id: profileId, key })
      expect(idOf('Profile', profileId)).not.toBeNull()
    }
    const rest = await read({ first: 2, after: few.page.pageInfo.endCursor })
    expect(rest.page.nodes.map(({ index }: { index: number }) => index)).toEqual([2, 3])
  })

  it('find their profile again when the record is sent with that id', async () => {
    const { job } = await submit({ profiles: profiles(1) })
    const { nodes } = (await data(results, { id: job.id })).job.results
    const again = await submit({
      matching: 'PROFILE_ID',
      profiles: [{ profileId: nodes[0].profileId, firstName: 'Ada' }],
    })
    expect(again.job).toMatchObject({ state: 'SUCCEEDED' })
    expect((await data('{ profile(by: { key: "C-0" }) { firstName } }')).profile).toEqual({ firstName: 'Ada' })
  })

  it('are narrowed by outcome and destination', async () => {
    const { job } = await submit({ onInvalid: 'SKIP_INVALID', profiles: [{ key: 'a' }, { key: 'b', email: 'x' }] })
    const failed = (await data(results, { id: job.id, outcomes: ['FAILED'] })).job.results
    expect(failed).toMatchObject({
      totalCount: 1,
      nodes: [{ index: 1, profileId: null, profile: null, errors: [{ code: 'INVALID_EMAIL' }] }],
    })
    const elsewhere = (await data(results, { id: job.id, destinationId: 'webex' })).job.results
    expect(elsewhere).toMatchObject({ totalCount: 0, nodes: [] })
  })

  it.each([
    ['too large a page', { first: 1001 }, 'LIMIT_EXCEEDED'],
    ['a page of less than nothing', { first: -1 }, 'BAD_USER_INPUT'],
    ['a cursor that no page gave', { after: 'garbage' }, 'BAD_USER_INPUT'],
  ])('refuse %s', async (_what, variables, code) => {
    const { job } = await submit({ profiles: profiles(1) })
    const answer = await api.ask({ tenant }, results, { id: job.id, ...variables })
    expect(codesOf(answer)).toMatchObject([{ path: 'job.results', code }])
  })
})

describe('job and jobs', () => {
  it('shows deliveries with their destination as it is configured', async () => {
    const { job } = await submit({ profiles: profiles(2) })
    const source = `query ($id: ID!) {
      job(id: $id) { kind parent { id } deliveries { destinationId state progress { total created } batchesTotal batchesDone destination { id adapter } } }
      node(id: $id) { ... on Job { id state } }
      destinations { id adapter capabilities { profiles { maxBatchSize linkPolicy } extensions { maxBatchSize } } }
    }`
    const delivery = {
      destinationId: 'local',
      state: 'SUCCEEDED',
      progress: { total: 2, created: 2 },
      batchesTotal: 1,
      batchesDone: 1,
    }
    expect(await data(source, { id: job.id })).toEqual({
      job: {
        kind: 'PROFILES',
        parent: null,
        deliveries: [{ ...delivery, destination: { id: 'local', adapter: 'local' } }],
      },
      node: { id: job.id, state: 'SUCCEEDED' },
      destinations: [
        {
          id: 'local',
          adapter: 'local',
          capabilities: {
            profiles: { maxBatchSize: expect.any(Number), linkPolicy: ['IGNORE', 'CREATE', 'FAIL'] },
            extensions: { maxBatchSize: 1000 },
          },
        },
      ],
    })
  })

  it('lists the latest first, page by page and by state', async () => {
    const made: string[] = []
    for (let number = 0; number < 3; number++) made.push((await submit({ profiles: profiles(1) })).job.id)
    const source =
      'query ($states: [JobState!], $first: Int, $after: String) { jobs(states: $states, first: $first, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }'
    const first = (await data(source, { first: 2 })).jobs
    expect(first.nodes.map(({ id }: { id: string }) => id)).toEqual([made[2], made[1]])
    const second = (await data(source, { first: 2, after: first.pageInfo.endCursor })).jobs
    expect(second).toMatchObject({ nodes: [{ id: made[0] }], pageInfo: { hasNextPage: false } })
    expect((await data(source, { states: ['FAILED'] })).jobs.nodes).toEqual([])
    for (const [variables, code] of [
      [{ after: 'garbage' }, 'BAD_USER_INPUT'],
      [{ first: 1001 }, 'LIMIT_EXCEEDED'],
    ] as const) {
      expect(codesOf(await api.ask({ tenant }, source, variables))).toMatchObject([{ path: 'jobs', code }])
    }
  })

  it("shows nobody another tenant's jobs", async () => {
    const { job } = await submit({ profiles: profiles(1) })
    const source = 'query ($id: ID!) { job(id: $id) { id } node(id: $id) { id } jobs { nodes { id } } }'
    expect(await api.data({ tenant: 'stranger' }, source, { id: job.id })).toEqual({
      job: null,
      node: null,
      jobs: { nodes: [] },
    })
  })
})

describe('jobStatus', () => {
  const watch = `subscription ($id: ID!, $afterVersion: Int) { jobStatus(id: $id, afterVersion: $afterVersion) {
    id version state parent { id } results { nodes { profile { firstName } } }
  } }`

  it('gives the job as it stands and completes after its last state', async () => {
    const { job } = await submit({ profiles: profiles(1) })
    const events = await api.subscribe({ tenant }, watch, { id: job.id })
    const seen: Answer[] = []
    for await (const event of events as AsyncIterable<{ data: Answer }>) seen.push(event.data.jobStatus)
    expect(seen.at(-1)).toMatchObject({ id: job.id, state: 'SUCCEEDED', version: job.version })
  })

  it('reads anew for every event', async () => {
    const { job } = await submit({ profiles: [{ key: 'a', firstName: 'Ada' }] })
    const context = api.contextOf({ tenant })
    const id = idOf('Job', job.id) ?? ''
    const [snapshot] = await context.engine.jobs(tenant, [id])
    if (!snapshot) throw new Error('the job is not there')
    const changes = async function* () {
      yield snapshot
      await submit({ profiles: [{ key: 'a', firstName: 'Grace' }] })
      yield { ...snapshot, version: snapshot.version + 1 }
    }
    context.engine = { ...context.engine, watch: async () => changes() }
    const events = await api.subscribe(context, watch, { id: job.id })
    const names: string[] = []
    for await (const { data } of events as AsyncIterable<{ data: Answer }>) {
      names.push(data.jobStatus.results.nodes[0].profile.firstName)
    }
    expect(names).toEqual(['Ada', 'Grace'])
  })

  it.each([
    ['a job that is not there', encodeGlobalId('Job', unknownId)],
    ['another type', encodeGlobalId('Profile', unknownId)],
    ['garbage', 'garbage'],
  ])('answers NOT_FOUND for the id of %s', async (_what, id) => {
    const answer = await api.subscribe({ tenant }, watch, { id })
    expect(codesOf(answer as never)).toMatchObject([{ path: 'jobStatus', code: 'NOT_FOUND' }])
  })

  it("answers NOT_FOUND for another tenant's job", async () => {
    const { job } = await submit({ profiles: profiles(1) })
    const answer = await api.subscribe({ tenant: 'stranger' }, watch, { id: job.id })
    expect(codesOf(answer as never)).toMatchObject([{ code: 'NOT_FOUND' }])
  })
})
