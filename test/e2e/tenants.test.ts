import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BulkUpsertProfilesInput, ProfileInput } from '../../src/cli/generated/graphql.ts'
import { schema } from '../../src/graphql/schema.ts'
import type { GraphqlAnswer } from '../support/gateway.ts'
import { acceptedJob, countProfiles, numberedProfiles } from '../support/jobs.ts'
import { transports } from '../support/transports.ts'
import { type Attempt, createAttempts, firstAnswer, type People } from './root-field-attempts.ts'
import { acme, as, globex, openTenancy, scopes, source, type Tenancy, type Tenant } from './tenancy.ts'

let tenancy: Tenancy
let attempts: Record<string, Attempt>
beforeAll(async () => {
  tenancy = await openTenancy()
  attempts = createAttempts(tenancy)
})
afterAll(() => tenancy.close())

const rootFields = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap((type) =>
  Object.keys(type?.getFields() ?? {}).map((name) => `${type?.name}.${name}`),
)

test('every root field is tried here', () => {
  expect(Object.keys(attempts).toSorted()).toEqual(rootFields.toSorted())
})

describe('what belongs to another tenant', () => {
  test.each(rootFields)('does not exist for %s', async (name) => {
    const before = await tenancy.wholeStore(acme)
    await attempts[name]?.finds()
    const after = await tenancy.wholeStore(acme)
    // acme loads accounts itself there.
    if (name === 'Subscription.jobStatus') expect(after).toMatchObject({ contacts: before['contacts'] })
    else expect(after).toEqual(before)
  })

  test('stays as it is when its namesakes are changed, linked to and renamed', async () => {
    const before = await tenancy.wholeStore(acme)
    const change = async (input: Omit<BulkUpsertProfilesInput, 'profiles'>, profiles: ProfileInput[]) =>
      expect(await acceptedJob(tenancy.gateway, { ...input, profiles }, globex)).toMatchObject({ state: 'SUCCEEDED' })
    await change({ matching: 'EMAIL' }, [{ email: 'ada@example.com', firstName: 'Changed' }])
    await change({ matching: 'EMAIL_SUB' }, [
      { firstName: 'Changed', extensions: [{ channel: 'EMAIL', address: 'bob@work.example.com' }] },
    ])
    await change({ matching: 'FILTER' }, [
      { filter: [{ attribute: 'points', value: '1' }], attributes: { points: 100 } },
    ])
    await change({ linkPolicy: 'CREATE' }, [{ key: 'cy', attributes: { account: 'acme-corp' } }])
    await change({ profileType: 'account', upsert: 'UPDATE_ONLY' }, [{ key: 'corp', newKey: 'renamed' }])
    await change({ profileType: 'account', upsert: 'UPDATE_ONLY' }, [{ key: 'acme-corp', attributes: { plan: 'g' } }])
    expect(await tenancy.wholeStore(acme)).toEqual(before)
    const { profiles } = await tenancy.read<People>(globex, source.profiles)
    expect(profiles?.nodes.map(({ links }) => links[0]?.profile?.attributes)).toEqual([
      { plan: 'globex' },
      { plan: 'globex' },
      { plan: 'g' },
    ])
  })
})

describe('a key without the scope', () => {
  test.each(rootFields)('is refused %s, and changes nothing', async (name) => {
    const { needs, variables } = attempts[name] ?? { needs: null, variables: {} }
    const before = await tenancy.wholeStore(acme)
    const text = source[name.split('.')[1] as keyof typeof source]
    for (const scope of scopes.filter((one) => one !== needs)) {
      if (name.startsWith('Subscription')) {
        for (const transport of transports) {
          const answer = await firstAnswer(tenancy.gateway, transport, { id: tenancy.property.jobId }, `acme-${scope}`)
          expect(answer).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
        }
      } else {
        const answer: GraphqlAnswer<unknown> = await tenancy.gateway.request(text, variables, as(`acme-${scope}`))
        expect([scope, answer]).toMatchObject([scope, { errors: [{ extensions: { code: 'FORBIDDEN' } }] }])
        for (const value of Object.values(answer.data ?? {})) expect(value).toBeNull()
      }
    }
    expect(await tenancy.wholeStore(acme)).toEqual(before)
  })
})

test('tenants that send the same keys, addresses and idempotency keys at the same time stay apart', {
  timeout: 60_000,
}, async () => {
  const pair = ['globex', 'initech'] as const
  const before = new Map<string, number>()
  for (const tenant of pair) before.set(tenant, await countProfiles(tenancy.gateway, as(`${tenant}-all`)))
  const people = (tenant: Tenant) =>
    numberedProfiles('same', 0, 1500).map((profile) => ({ ...profile, firstName: tenant, lastName: tenant }))
  const sent = pair.flatMap((tenant) => {
    const asker = as(`${tenant}-write`)
    const some = people(tenant).slice(0, 50)
    return [
      // Five times the same request, and those of the other tenant under the same idempotency key.
      ...Array.from({ length: 5 }, () =>
        acceptedJob(tenancy.gateway, { profiles: some, idempotencyKey: 'together' }, asker).then(({ id }) => [
          tenant,
          id,
        ]),
      ),
      acceptedJob(tenancy.gateway, { profiles: people(tenant), waitSeconds: 30 }, asker).then(({ id }) => [tenant, id]),
      acceptedJob(tenancy.gateway, { matching: 'EMAIL', profiles: some }, asker).then(({ id }) => [tenant, id]),
      acceptedJob(tenancy.gateway, { matching: 'EMAIL_PROFILE', profiles: some }, asker).then(({ id }) => [tenant, id]),
    ]
  })
  const jobs = await Promise.all(sent)
  const idsOf = (tenant: Tenant) => [...new Set(jobs.filter(([of]) => of === tenant).map(([, id]) => id))]
  for (const tenant of pair) {
    const asker = as(`${tenant}-all`)
    const [own, others] = [idsOf(tenant), idsOf(tenant === 'globex' ? 'initech' : 'globex')]
    expect(own).toHaveLength(4)
    for (const id of own) {
      expect(await tenancy.read(asker, 'query ($id: ID!) { job(id: $id) { id state } }', { id })).toEqual({
        job: { id, state: 'SUCCEEDED' },
      })
    }
    for (const id of others) expect(await tenancy.read(asker, source.job, { id })).toEqual({ job: null })
    expect(await countProfiles(tenancy.gateway, asker)).toBe((before.get(tenant) ?? 0) + 1500)
    const { profiles } = await tenancy.read<People>(asker, source.profiles, {
      filter: [{ attribute: 'firstName', value: tenant }],
      first: 1000,
    })
    expect(profiles?.totalCount).toBe(1500)
    const { profiles: strange } = await tenancy.read<People>(asker, source.profiles, {
      filter: [{ attribute: 'lastName', value: tenant === 'globex' ? 'initech' : 'globex' }],
    })
    expect(strange?.totalCount).toBe(0)
  }
})
