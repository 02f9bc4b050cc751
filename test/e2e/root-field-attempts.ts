import { expect } from 'vitest'
import {
  type BulkUpsertProfilesInput,
  DefineProfileTypeDocument,
  type ProfileInput,
} from '../../src/cli/generated/graphql.ts'
import type { TestGateway } from '../support/gateway.ts'
import { acceptedJob, bulkUpsert, endedJobs, numberedProfiles } from '../support/jobs.ts'
import { openSubscriptions, type Transport, transports } from '../support/transports.ts'
import { createExtensionAttempts } from './extension-attempts.ts'
import { createFileAttempts } from './file-attempts.ts'
import { createJobActionAttempts } from './job-action-attempts.ts'
import { acme, anonymous, as, globex, nobody, onlyAcme, type scopes, source, type Tenancy } from './tenancy.ts'

export interface People {
  profiles: { totalCount: number; nodes: { id: string; key: string; lastName: string | null; links: Link[] }[] } | null
}
interface Link {
  profile: { attributes: Record<string, unknown> } | null
}

/** What is tried at one root field. */
export interface Attempt {
  /** The scope it needs. */
  needs: (typeof scopes)[number]
  /** A call that a key without that scope makes. */
  variables: Record<string, unknown>
  /** What globex finds of acme by it. */
  finds(): Promise<void>
}

/** The attempts by `Type.field`; every root field of the schema has to be among them. */
export function createAttempts(tenancy: Tenancy): Record<string, Attempt> {
  const { gateway, property, read, resultOf, jobIds } = tenancy
  return {
    ...createExtensionAttempts(tenancy),
    ...createFileAttempts(tenancy),
    ...createJobActionAttempts(tenancy),
    'Query.node': {
      needs: 'read',
      variables: { id: property.profileId },
      async finds() {
        for (const id of [property.profileId, property.extensionId, property.jobId, ...Object.values(nobody)]) {
          expect(await read(globex, source.node, { id })).toEqual({ node: null })
        }
        expect(await read(acme, source.node, { id: property.extensionId })).toMatchObject({
          node: { id: property.extensionId },
        })
      },
    },
    'Query.nodes': {
      needs: 'read',
      variables: { ids: [property.profileId] },
      async finds() {
        const { profiles } = await read<People>(globex, source.profiles)
        const own = profiles?.nodes[0]?.id ?? ''
        const ids = [property.profileId, own, property.extensionId, property.jobId, nobody.jobId]
        expect(await read(globex, source.nodes, { ids })).toEqual({
          nodes: [null, { __typename: 'Profile', id: own }, null, null, null],
        })
      },
    },
    'Query.profile': {
      needs: 'read',
      variables: { by: { key: 'ada' } },
      async finds() {
        const { key, email, phone } = onlyAcme
        for (const by of [{ id: property.profileId }, { key }, { email }, { phone }, { id: nobody.profileId }]) {
          expect(await read(globex, source.profile, { by })).toEqual({ profile: null })
        }
        for (const [asker, lastName] of [
          [acme, 'acme'],
          [globex, 'globex'],
        ] as const) {
          for (const by of [{ key: 'ada' }, { email: 'ada@example.com' }]) {
            expect(await read(asker, source.profile, { by })).toMatchObject({ profile: { key: 'ada', lastName } })
          }
        }
        const typed = (type: string) => gateway.request(source.profile, { by: { key: 'x' }, type }, globex)
        expect(anonymous(await typed('secret'), 'secret')).toEqual(anonymous(await typed('nosuch'), 'nosuch'))
      },
    },
    'Query.profiles': {
      needs: 'read',
      variables: {},
      async finds() {
        const { profiles: all } = await read<People>(globex, source.profiles)
        expect(all?.nodes.map(({ key }) => key)).toEqual(['ada', 'bob', 'cy'])
        const cursor = property.profileCursor
        for (const page of [{ after: cursor }, { before: cursor }, { last: 100, before: cursor }, { last: 100 }]) {
          const { profiles } = await read<People>(globex, source.profiles, page)
          expect(profiles?.totalCount).toBe(3)
          for (const { lastName, links } of profiles?.nodes ?? []) {
            expect(lastName).toBe('globex')
            expect(links).toEqual([{ profile: { attributes: { plan: 'globex' } } }])
          }
        }
        for (const [attribute, value] of [
          ['key', 'only-acme'],
          ['email', 'only@acme.example.com'],
          ['badge', 'acme-7'],
          ['lastName', 'acme'],
        ]) {
          const { profiles } = await read<People>(globex, source.profiles, { filter: [{ attribute, value }] })
          expect(profiles).toEqual({ totalCount: 0, nodes: [] })
        }
        const named = (attribute: string) =>
          gateway.request(source.profiles, { filter: [{ attribute, value: 'y' }] }, globex)
        expect(anonymous(await named('acmeOnly'), 'acmeOnly')).toEqual(anonymous(await named('nosuch'), 'nosuch'))
        const typed = (type: string) => gateway.request(source.profiles, { type }, globex)
        expect(anonymous(await typed('secret'), 'secret')).toEqual(anonymous(await typed('nosuch'), 'nosuch'))
      },
    },
    'Query.job': {
      needs: 'read',
      variables: { id: property.jobId },
      async finds() {
        for (const id of [property.jobId, nobody.jobId, property.profileId]) {
          expect(await read(globex, source.job, { id })).toEqual({ job: null })
        }
        expect(await read(acme, source.job, { id: property.jobId })).toEqual({
          job: { id: property.jobId, results: { nodes: [{ key: 'only-acme', profile: { id: property.profileId } }] } },
        })
      },
    },
    'Query.jobs': {
      needs: 'read',
      variables: {},
      async finds() {
        const own = await jobIds(globex)
        const others = await jobIds(acme)
        expect(own.filter((id) => others.includes(id))).toEqual([])
        for (const variables of [{ after: property.jobCursor }, { states: ['SUCCEEDED', 'QUEUED'] }]) {
          for (const id of await jobIds(globex, variables)) expect(own).toContain(id)
        }
        // A cursor of another job's results says a place and nothing else.
        const { job } = await read<{ job: { results: { nodes: { key: string }[] } } }>(
          globex,
          'query ($id: ID!, $after: String) { job(id: $id) { results(after: $after) { nodes { key } } } }',
          { id: own.at(-1), after: property.resultCursor },
        )
        expect(job.results.nodes.map(({ key }) => key)).not.toContain('only-acme')
      },
    },
    'Query.destinations': {
      needs: 'read',
      variables: {},
      async finds() {
        expect(await read(globex, source.destinations)).toEqual({ destinations: [{ id: 'local', adapter: 'local' }] })
      },
    },
    'Query.profileTypes': {
      needs: 'read',
      variables: {},
      async finds() {
        expect(await read(globex, source.profileTypes)).toEqual({
          profileTypes: [
            {
              name: 'contact',
              attributes: [{ name: 'account' }, { name: 'badge' }, { name: 'points' }],
              links: [{ attribute: 'account' }],
            },
            { name: 'account', attributes: [{ name: 'plan' }], links: [] },
          ],
        })
      },
    },
    'Query.extensionTypes': {
      needs: 'read',
      variables: {},
      async finds() {
        expect(await read(globex, source.extensionTypes)).toEqual({ extensionTypes: [] })
      },
    },
    'Mutation.bulkUpsertProfiles': {
      needs: 'write',
      variables: { input: { profiles: [{ key: 'ada', lastName: 'nobody' }] } },
      async finds() {
        const message = async (profileId: string, upsert: 'UPDATE_ONLY' | 'CREATE_OR_UPDATE') => {
          const result = await resultOf({ matching: 'PROFILE_ID', upsert }, { profileId, lastName: 'stolen' })
          expect(result).toMatchObject({ outcome: 'FAILED', code: 'PROFILE_NOT_FOUND' })
          return anonymous(result, profileId)
        }
        for (const upsert of ['UPDATE_ONLY', 'CREATE_OR_UPDATE'] as const) {
          expect(await message(property.profileId, upsert)).toEqual(await message(nobody.profileId, upsert))
        }
        const [email, phone, push] = onlyAcme.extensions?.map((extension) => [extension]) ?? []
        const found: [Omit<BulkUpsertProfilesInput, 'profiles'>, ProfileInput][] = [
          [{ matching: 'KEY' }, { key: 'only-acme' }],
          [{ matching: 'EMAIL' }, { email: 'only@acme.example.com' }],
          [{ matching: 'EMAIL' }, { email: 'extension@acme.example.com' }],
          [{ matching: 'EMAIL_PROFILE' }, { email: 'only@acme.example.com' }],
          [{ matching: 'EMAIL_SUB' }, { extensions: email ?? [] }],
          [{ matching: 'PHONE' }, { phone: '+493012345678' }],
          [{ matching: 'PHONE_SUB' }, { extensions: phone ?? [] }],
          [{ matching: 'EMAIL_PHONE' }, { email: 'only@acme.example.com', phone: '+493012345678' }],
          [{ matching: 'EMAIL_PHONE_SUB' }, { extensions: [...(email ?? []), ...(phone ?? [])] }],
          [{ matching: 'PUSH_SUB' }, { extensions: push ?? [] }],
          [{ matching: 'CUSTOM', matchingField: 'badge' }, { attributes: { badge: 'acme-7' } }],
          [{ matching: 'CUSTOM_SUB', matchingField: 'loyalty' }, { extensions: email ?? [] }],
          [{ matching: 'FILTER' }, { filter: [{ attribute: 'key', value: 'only-acme' }] }],
          [{ matching: 'FILTER' }, { filter: [{ attribute: 'points', operator: 'GREATER_THAN', value: '5' }] }],
        ]
        for (const [input, record] of found) {
          expect([
            input.matching,
            await resultOf({ ...input, upsert: 'UPDATE_ONLY' }, { ...record, lastName: 'stolen' }),
          ]).toMatchObject([input.matching, { outcome: 'FAILED', code: 'PROFILE_NOT_FOUND' }])
        }
        const linking = { key: 'ada', attributes: { account: 'acme-corp' } }
        expect(await resultOf({ linkPolicy: 'FAIL' }, linking)).toMatchObject({ code: 'LINK_NOT_FOUND' })

        const typed = (profileType: string) => bulkUpsert(gateway, { profileType, profiles: [{ key: 'x' }] }, globex)
        expect(anonymous(await typed('secret'), 'secret')).toEqual(anonymous(await typed('nosuch'), 'nosuch'))
        expect(
          await bulkUpsert(gateway, { profiles: [{ key: 'ada', attributes: { acmeOnly: 'y' } }] }, globex),
        ).toMatchObject({ __typename: 'InvalidRecordsError', records: [{ errors: [{ code: 'UNKNOWN_ATTRIBUTE' }] }] })

        // The very request of acme, and another one, under acme's key: both are new here.
        const [same, other] = [
          await acceptedJob(gateway, { profiles: [{ key: 'cy' }], idempotencyKey: 'of acme' }, globex),
          await acceptedJob(gateway, { profiles: [onlyAcme], idempotencyKey: 'of acme' }, as('initech-all')).catch(
            (error: unknown) => error,
          ),
        ]
        expect(same.id).not.toBe(property.jobId)
        // Initech has not defined acme's attributes: the request is refused as such, and says nothing of acme's job.
        expect(String(other)).toContain('InvalidRecordsError')
        expect(String(other)).not.toContain(property.jobId)
      },
    },
    'Mutation.defineProfileType': {
      needs: 'admin',
      variables: { input: { name: 'intruding' } },
      async finds() {
        const initech = as('initech-all')
        const defined = await gateway.request(
          DefineProfileTypeDocument,
          { input: { name: 'secret', attributes: [{ name: 'hidden', type: 'INTEGER' }] } },
          initech,
        )
        expect(defined.data?.defineProfileType).toEqual({
          __typename: 'ProfileTypePayload',
          profileType: {
            name: 'secret',
            attributes: [{ name: 'hidden', type: 'INTEGER', importable: true }],
            links: [],
          },
        })
        const linked = (targetType: string) =>
          gateway.request(
            DefineProfileTypeDocument,
            {
              input: {
                name: 'contact',
                attributes: [{ name: 'reference' }],
                links: [{ attribute: 'reference', targetType }],
              },
            },
            initech,
          )
        const [strange, absent] = [await linked('account'), await linked('nosuch')]
        expect(strange.data?.defineProfileType).toMatchObject({ __typename: 'InvalidInputError' })
        expect(anonymous(strange, 'account')).toEqual(anonymous(absent, 'nosuch'))
      },
    },
    'Subscription.jobStatus': {
      needs: 'read',
      variables: { id: property.jobId },
      async finds() {
        const running = await acceptedJob(
          gateway,
          { profileType: 'account', profiles: numberedProfiles('watched', 0, 3000), waitSeconds: 0 },
          acme,
        )
        for (const transport of transports) {
          const said = async (id: string, afterVersion?: number) => {
            const variables = afterVersion === undefined ? { id } : { id, afterVersion }
            const faults = await firstAnswer(gateway, transport, variables, 'globex-all')
            expect(faults).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }])
            return anonymous(faults, id)
          }
          const ofNobody = await said(nobody.jobId)
          for (const id of [running.id, property.jobId]) {
            for (const afterVersion of [undefined, 0, 1, 99]) expect(await said(id, afterVersion)).toEqual(ofNobody)
          }
          expect(await firstAnswer(gateway, transport, { id: property.jobId }, 'acme-all')).toEqual({
            jobStatus: { id: property.jobId },
          })
          await expect.poll(() => openSubscriptions(gateway, transport, 'Bearer acme-all')).toBe(0)
        }
        await endedJobs(gateway, [running.id], 30_000, acme)
      },
    },
  }
}

/** The data or the errors that a subscription begins with. */
export async function firstAnswer(
  gateway: TestGateway,
  transport: Transport,
  variables: { id: string; afterVersion?: number },
  key: string,
): Promise<unknown> {
  const subscription = transport.subscribe(gateway, source.jobStatus, variables, `Bearer ${key}`)
  const answer = await subscription.events[Symbol.asyncIterator]()
    .next()
    .then(
      ({ value }) => value?.errors ?? value?.data,
      (error: unknown) => error,
    )
  await subscription.close()
  return answer
}
