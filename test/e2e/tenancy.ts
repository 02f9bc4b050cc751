import { expect } from 'vitest'
import {
  type BulkUpsertProfilesInput,
  DefineProfileTypeDocument,
  JobResultsDocument,
  type ProfileInput,
} from '../../src/cli/generated/graphql.ts'
import { openGateway, type RequestOptions, type TestGateway } from '../support/gateway.ts'
import { acceptedJob } from '../support/jobs.ts'

export const scopes = ['read', 'write', 'admin'] as const
export const tenants = ['acme', 'globex', 'initech'] as const
export type Tenant = (typeof tenants)[number]

/** The credentials of a key: `TENANT-all`, `TENANT-read`, `TENANT-write`, `TENANT-admin`. */
export const as = (key: string): RequestOptions => ({ authorization: `Bearer ${key}` })
export const acme = as('acme-all')
export const globex = as('globex-all')

const apiKeys = tenants.flatMap((tenant) => [
  { key: `${tenant}-all`, tenant, scopes },
  ...scopes.map((scope) => ({ key: `${tenant}-${scope}`, tenant, scopes: [scope] })),
])

/** What belongs to acme, as acme knows it. */
export interface Property {
  profileId: string
  extensionId: string
  jobId: string
  profileCursor: string
  jobCursor: string
  resultCursor: string
}
/** Ids of the right shape that nothing has. */
export const nobody = {
  profileId: globalId('Profile', '01890000-0000-7000-8000-000000000000'),
  extensionId: globalId('Extension', '01890000-0000-7000-8000-000000000001'),
  jobId: globalId('Job', '01890000-0000-7000-8000-000000000002'),
}

function globalId(typename: string, uuid: string): string {
  return Buffer.from(`${typename}:${uuid}`).toString('base64')
}

/** A profile that only acme has. */
export const onlyAcme: ProfileInput = {
  key: 'only-acme',
  email: 'only@acme.example.com',
  phone: '+493012345678',
  attributes: { badge: 'acme-7', points: 7 },
  extensions: [
    { channel: 'EMAIL', address: 'extension@acme.example.com', customFields: { loyalty: 'acme-gold' } },
    { channel: 'SMS', address: '+493087654321' },
    { channel: 'PUSH', address: 'acme-token', provider: 'apns' },
  ],
}

/** A gateway of three tenants: acme and globex have namesakes of everything, acme has more, initech has nothing. */
export interface Tenancy {
  readonly gateway: TestGateway
  readonly property: Property
  /** The data of an answer that must have no errors. */
  read<Data>(asker: RequestOptions, source: string, variables?: Record<string, unknown>): Promise<Data>
  /** Everything that a tenant can see of itself. */
  wholeStore(asker: RequestOptions): Promise<Record<string, unknown>>
  /** The ids of a tenant's jobs. */
  jobIds(asker: RequestOptions, variables?: Record<string, unknown>): Promise<string[]>
  /** What became of one record that globex sends. */
  resultOf(
    input: Omit<BulkUpsertProfilesInput, 'profiles'>,
    profile: ProfileInput,
  ): Promise<{ outcome: string | undefined; code: string | undefined; message: string | undefined }>
  close(): Promise<void>
}

export async function openTenancy(): Promise<Tenancy> {
  const gateway = await openGateway({ file: { apiKeys } })
  const read = reader(gateway)
  try {
    for (const tenant of ['acme', 'globex'] as const) await furnish(gateway, tenant)
    await define(gateway, acme, 'secret', [{ name: 'hidden' }])
    await define(gateway, acme, 'contact', [{ name: 'acmeOnly' }])
    await read(acme, source.defineExtensionType, { input: { channel: 'EMAIL', name: 'acme only' } })
    await acceptedJob(gateway, { profileType: 'account', profiles: [{ key: 'acme-corp' }] }, acme)
    await acceptedJob(gateway, { profileType: 'secret', profiles: [{ key: 'x', attributes: { hidden: 'y' } }] }, acme)
    await acceptedJob(gateway, { profiles: [onlyAcme], idempotencyKey: 'of acme' }, acme)
    return {
      gateway,
      property: await propertyOfAcme(read),
      read,
      wholeStore: (asker) => read(asker, wholeStore),
      async jobIds(asker, variables = {}) {
        const { jobs } = await read<{ jobs: { nodes: { id: string }[] } }>(asker, source.jobs, variables)
        return jobs.nodes.map(({ id }) => id)
      },
      async resultOf(input, profile) {
        const job = await acceptedJob(gateway, { ...input, profiles: [profile] }, globex)
        const { data } = await gateway.request(JobResultsDocument, { id: job.id }, globex)
        const [result] = data?.job?.results.nodes ?? []
        return { outcome: result?.outcome, code: result?.errors[0]?.code, message: result?.errors[0]?.message }
      },
      close: () => gateway.close(),
    }
  } catch (error) {
    await gateway.close()
    throw error
  }
}

/** The same keys and addresses in every tenant; `lastName` and `plan` say whose they are. */
async function furnish(gateway: TestGateway, tenant: Tenant): Promise<void> {
  const asker = as(`${tenant}-all`)
  await define(gateway, asker, 'account', [{ name: 'plan' }])
  await define(
    gateway,
    asker,
    'contact',
    [{ name: 'badge' }, { name: 'points', type: 'INTEGER' }, { name: 'account' }],
    [{ attribute: 'account', targetType: 'account' }],
  )
  await acceptedJob(
    gateway,
    { profileType: 'account', profiles: [{ key: 'corp', attributes: { plan: tenant } }] },
    asker,
  )
  const people = ['ada', 'bob', 'cy'].map(
    (key): ProfileInput => ({
      key,
      email: `${key}@example.com`,
      lastName: tenant,
      attributes: { account: 'corp', badge: key, points: 1 },
      extensions: [{ channel: 'EMAIL', address: `${key}@work.example.com` }],
    }),
  )
  const job = await acceptedJob(gateway, { profiles: people, linkPolicy: 'FAIL', idempotencyKey: 'the first' }, asker)
  expect(job).toMatchObject({ state: 'SUCCEEDED', progress: { created: 3 } })
}

async function define(
  gateway: TestGateway,
  asker: RequestOptions,
  name: string,
  attributes: { name: string; type?: 'INTEGER' }[],
  links: { attribute: string; targetType: string }[] = [],
) {
  const { data } = await gateway.request(DefineProfileTypeDocument, { input: { name, attributes, links } }, asker)
  expect(data?.defineProfileType).toMatchObject({ __typename: 'ProfileTypePayload', profileType: { name } })
}

function reader(gateway: TestGateway): Tenancy['read'] {
  return async <Data>(asker: RequestOptions, text: string, variables: Record<string, unknown> = {}) => {
    const { data, errors } = await gateway.request<Data>(text, variables as never, asker)
    if (!data || errors) throw new Error(`${text} was answered with ${JSON.stringify(errors)}`)
    return data
  }
}

interface Owned {
  profile: { id: string; extensions: { id: string }[] }
  profiles: { edges: { cursor: string }[] }
  jobs: { edges: { cursor: string; node: { id: string } }[] }
}

async function propertyOfAcme(read: Tenancy['read']): Promise<Property> {
  const { profile, profiles, jobs } = await read<Owned>(
    acme,
    /* GraphQL */ `
      {
        profile(by: { key: "only-acme" }) { id extensions { id } }
        profiles(first: 1) { edges { cursor } }
        jobs { edges { cursor node { id } } }
      }
    `,
  )
  const newest = jobs.edges[0]
  const jobId = newest?.node.id ?? ''
  const { job } = await read<{ job: { results: { edges: { cursor: string }[] } } }>(
    acme,
    'query ($id: ID!) { job(id: $id) { results { edges { cursor } } } }',
    { id: jobId },
  )
  return {
    profileId: profile.id,
    extensionId: profile.extensions[0]?.id ?? '',
    jobId,
    profileCursor: profiles.edges[0]?.cursor ?? '',
    jobCursor: newest?.cursor ?? '',
    resultCursor: job.results.edges[0]?.cursor ?? '',
  }
}

const wholeStore = /* GraphQL */ `
      fragment Whole on ProfileConnection {
        totalCount
        nodes {
          id type key email phone firstName lastName attributes updatedAt
          extensions { id channel address customFields updatedAt }
          links { attribute key profile { id key attributes } }
        }
      }
      {
        contacts: profiles(first: 1000) { ...Whole }
        accounts: profiles(type: "account", first: 1000) { ...Whole }
        jobs(first: 1000) { nodes { id state version idempotencyKey progress { total processed } results { nodes { outcome profileId } } } }
        profileTypes { name attributes { name type importable } links { attribute targetType } }
        extensionTypes { channel name }
        destinations { id }
      }
    `

/** An answer with the ids that were asked after taken out, to compare what is said about two of them. */
export function anonymous(answer: unknown, ...ids: string[]): unknown {
  return JSON.parse(ids.reduce((text, id) => text.replaceAll(id, 'ID'), JSON.stringify(answer)))
}

const jobAction = (field: string) =>
  `mutation ($id: ID!) { ${field}(id: $id) { __typename ... on JobPayload { job { id } } ... on UserError { message } ... on InvalidStateError { state } } }`

/** A call of each root field, by its name. */
export const source = {
  node: 'query ($id: ID!) { node(id: $id) { __typename id } }',
  nodes: 'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }',
  profile: 'query ($by: ProfileLookupInput!, $type: String) { profile(by: $by, type: $type) { id key lastName } }',
  profiles: /* GraphQL */ `
    query ($type: String, $filter: [ConditionInput!], $first: Int, $after: String, $last: Int, $before: String) {
      profiles(type: $type, filter: $filter, first: $first, after: $after, last: $last, before: $before) {
        totalCount
        nodes { id key lastName links { profile { attributes } } }
      }
    }
  `,
  job: 'query ($id: ID!) { job(id: $id) { id results { nodes { key profile { id } } } } }',
  jobs: 'query ($after: String, $states: [JobState!]) { jobs(after: $after, states: $states) { nodes { id } } }',
  destinations: '{ destinations { id adapter } }',
  profileTypes: '{ profileTypes { name attributes { name } links { attribute } } }',
  extensionTypes: '{ extensionTypes { channel name } }',
  bulkUpsertProfiles:
    'mutation ($input: BulkUpsertProfilesInput!) { bulkUpsertProfiles(input: $input) { __typename ... on JobPayload { job { id } } ... on UserError { message } } }',
  defineProfileType:
    'mutation ($input: DefineProfileTypeInput!) { defineProfileType(input: $input) { __typename ... on UserError { message } } }',
  bulkUpsertExtensions:
    'mutation ($input: BulkUpsertExtensionsInput!) { bulkUpsertExtensions(input: $input) { __typename ... on JobPayload { job { id results { nodes { outcome profileId errors { code } } } } } ... on UserError { message } } }',
  defineExtensionType:
    'mutation ($input: DefineExtensionTypeInput!) { defineExtensionType(input: $input) { __typename ... on UserError { message } } }',
  cancelJob: jobAction('cancelJob'),
  pauseJob: jobAction('pauseJob'),
  resumeJob: jobAction('resumeJob'),
  importProfiles:
    'mutation ($input: ImportProfilesInput!) { importProfiles(input: $input) { __typename ... on UserError { message } } }',
  retryJob: 'mutation ($input: RetryJobInput!) { retryJob(input: $input) { __typename ... on UserError { message } } }',
  planBulkUpsertProfiles:
    'query ($input: BulkUpsertProfilesInput!) { planBulkUpsertProfiles(input: $input) { __typename ... on Plan { totalInvalid deliveries { wouldCreate wouldUpdate wouldLeaveUnchanged wouldFail } } ... on UserError { message } } }',
  jobStatus: 'subscription ($id: ID!, $afterVersion: Int) { jobStatus(id: $id, afterVersion: $afterVersion) { id } }',
}
