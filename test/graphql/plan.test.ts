import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { vendorDestinations } from '../support/vendor-destinations.ts'

let sandbox: Sandbox
let gateway: TestGateway
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 })
  const fields = { firstName: 'firstname', email: 'email', phone: 'msisdn', emailPermission: 'emailpermission' }
  const [webex, { minIntervalMs: _, ...dengage }, altcraft] = vendorDestinations(sandbox)
  gateway = await openGateway({
    file: { tenants: { default: { destinations: [{ ...webex, fields }, dengage, altcraft] } } },
  })
})
afterAll(async () => {
  await gateway.close()
  await sandbox.stop()
})

// biome-ignore lint/suspicious/noExplicitAny: the shape is whatever the test asked for
type Answer = any

const document = `query ($input: BulkUpsertProfilesInput!) {
  planBulkUpsertProfiles(input: $input) {
    __typename
    ... on Plan {
      total totalInvalid invalid { index clientRef destinationIds errors { code field } }
      deliveries {
        destinationId batches estimatedSeconds wouldCreate wouldUpdate wouldLeaveUnchanged wouldFail warnings
      }
    }
    ... on InvalidInputError { message issues { path message } }
    ... on UnsupportedByDestinationError { destinationId feature requested supported }
  }
}`

async function plan(input: Record<string, unknown>): Promise<Answer> {
  const { data, errors } = await gateway.request<Answer>(document, { input })
  expect(errors).toBeUndefined()
  return data?.planBulkUpsertProfiles
}

async function upsert(input: Record<string, unknown>): Promise<Answer> {
  const { data } = await gateway.request<Answer>(
    `mutation ($input: BulkUpsertProfilesInput!) {
      bulkUpsertProfiles(input: $input) { ... on JobPayload { job { state deliveries { batchesTotal } progress { created updated unchanged failed superseded } } } }
    }`,
    { input: { waitSeconds: 30, ...input } },
  )
  return data?.bulkUpsertProfiles.job
}

const stored = async () =>
  (await gateway.request<Answer>('{ profiles { totalCount } jobs { nodes { id } } }')).data as Answer

describe('planBulkUpsertProfiles', () => {
  it('tells what the mutation then does at local, and stores nothing', async () => {
    await upsert({ profiles: [{ key: 'P-1', email: 'one@example.com' }, { key: 'P-2' }] })
    const before = await stored()
    const input = {
      onInvalid: 'SKIP_INVALID',
      profiles: [
        { key: 'P-1', email: 'ONE@example.com' },
        { key: 'P-2', email: 'two@example.com' },
        { key: 'P-3' },
        { key: 'P-4', email: 'nobody', clientRef: 'r4' },
        { key: 'P-5', firstName: 'First' },
        { key: 'P-5', firstName: 'Last' },
      ],
    }
    const planned = await plan(input)
    expect(planned).toEqual({
      __typename: 'Plan',
      total: 6,
      totalInvalid: 1,
      invalid: [
        { index: 3, clientRef: 'r4', destinationIds: ['local'], errors: [{ code: 'INVALID_EMAIL', field: 'email' }] },
      ],
      deliveries: [
        {
          destinationId: 'local',
          batches: 1,
          estimatedSeconds: 0,
          wouldCreate: 2,
          wouldUpdate: 1,
          wouldLeaveUnchanged: 1,
          wouldFail: 1,
          warnings: ['One record: it would be folded into a later record of the same match value'],
        },
      ],
    })
    expect(await stored()).toEqual(before)
    expect(await upsert(input)).toMatchObject({
      state: 'PARTIALLY_FAILED',
      progress: { created: 2, updated: 1, unchanged: 1, failed: 1, superseded: 1 },
    })
  })

  it('counts what one batch does to what another would have created', async () => {
    const profiles = Array.from({ length: 2500 }, (_, number) => ({
      key: `A-${number % 1200}`,
      firstName: `${number}`,
    }))
    const { deliveries } = await plan({ profiles })
    expect(deliveries).toMatchObject([{ batches: 3, wouldCreate: 1200, wouldUpdate: 1300, wouldFail: 0 }])
    expect(await upsert({ profiles })).toMatchObject({ progress: { created: 1200, updated: 1300 } })
  })

  it('counts batches, and the time that the pace of an account costs with what waits for it', async () => {
    const profiles = Array.from({ length: 2500 }, (_, number) => ({ key: `B-${number}`, firstName: 'B' }))
    const destinations = ['local', 'webex', 'dengage', 'altcraft']
    const { deliveries } = await plan({ destinations, profiles })
    expect(deliveries).toMatchObject([
      { destinationId: 'local', batches: 3, estimatedSeconds: 0, wouldCreate: 2500 },
      { destinationId: 'webex', batches: 25, estimatedSeconds: 0, wouldCreate: null, wouldFail: null },
      { destinationId: 'dengage', batches: 3, wouldUpdate: null },
      { destinationId: 'altcraft', batches: 3, estimatedSeconds: 0 },
    ])
    // Three calls a minute apart: the first may leave at once.
    expect(deliveries[2].estimatedSeconds).toBeGreaterThanOrEqual(120)
    expect(deliveries[2].estimatedSeconds).toBeLessThan(122)
    expect(sandbox.requests('webex')).toEqual([])

    await upsert({ destinations: ['dengage'], profiles, waitSeconds: 0 })
    const [behind] = (await plan({ destinations: ['dengage'], profiles: profiles.slice(0, 1) })).deliveries
    expect(behind.batches).toBe(1)
    // Deliveries take turns: one call of the other goes before it, perhaps two, and not all three.
    expect(behind.estimatedSeconds).toBeGreaterThan(55)
    expect(behind.estimatedSeconds).toBeLessThan(125)
  })

  it('counts as many batches as the job of a request would have, whatever becomes of its records', async () => {
    const profiles = [{ key: 'V-1', email: 'nobody' }]
    expect(await plan({ destinations: ['local'], onInvalid: 'SKIP_INVALID', profiles })).toMatchObject({
      deliveries: [{ batches: 1, wouldFail: 1 }],
    })
  })

  it('says in words what a destination would do differently', async () => {
    const profiles = [
      { key: 'W-1', email: 'w1@example.com' },
      { key: 'W-2', email: 'w2@example.com', emailPermission: true },
    ]
    const [dengage] = (await plan({ destinations: ['dengage'], profiles })).deliveries
    expect(dengage.warnings.join('\n')).toMatch(/changed e-mail or phone back to active/)
    expect(dengage.warnings.join('\n')).toMatch(/opts a new contact in/)
    const skipping = { destinations: ['altcraft'], matching: 'EMAIL', skipTriggers: true }
    const [altcraft] = (await plan({ ...skipping, profiles: [{ email: 'w1@example.com' }] })).deliveries
    expect(altcraft.warnings.join('\n')).toMatch(/fires no trigger/)
    expect(altcraft.warnings.join('\n')).toMatch(/UPSERTED/)
  })

  it('answers a request that would be refused as a whole as the mutation does', async () => {
    expect(await plan({ profiles: [] })).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [{ path: ['input', 'profiles'] }],
    })
    const unknown = await plan({ destinations: ['x'.repeat(100_000)], profiles: [{ key: '1' }] })
    expect(unknown.issues.map(({ message }: Answer) => message.length > 200)).not.toContain(true)
    expect(
      await plan({ destinations: ['local', 'dengage'], matching: 'EMAIL', profiles: [{ email: 'a@example.com' }] }),
    ).toMatchObject({
      __typename: 'UnsupportedByDestinationError',
      destinationId: 'dengage',
      feature: 'matching',
      requested: 'EMAIL',
      supported: ['KEY'],
    })
  })
})
