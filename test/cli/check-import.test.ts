import { expect, test } from 'vitest'
import { checkImport } from '../../src/cli/check-import.ts'
import type { JobSnapshotFragment, ResultDetailsFragment } from '../../src/cli/generated/graphql.ts'
import { outcomeTable, sum } from '../../src/cli/outcome-table.ts'
import { createSample, type DestinationId, destinations } from '../../src/cli/sample.ts'
import type { Store } from '../../src/cli/stored-contacts.ts'

const sample = createSample(1000, 1)

const nothing = {
  total: 1000,
  processed: 1000,
  created: 0,
  updated: 0,
  upserted: 0,
  unchanged: 0,
  skipped: 0,
  superseded: 0,
  failed: 0,
  cancelled: 0,
  unknown: 0,
  percent: 100,
  recordsPerSecond: null,
  etaSeconds: 0,
}

/** The job, its failures and what is stored, as if all had gone as it should. */
function perfectImport() {
  const deliveries = destinations.map((destinationId): JobSnapshotFragment['deliveries'][number] => {
    const { stored, repeats, failed } = sample.expected.at[destinationId]
    const [created, upserted] = destinationId === 'altcraft' ? [0, stored.size] : [stored.size, 0]
    return {
      destinationId,
      state: 'PARTIALLY_FAILED',
      progress: { ...nothing, created, upserted, superseded: repeats, failed: sum(failed.values()) },
      batchesTotal: 1,
      batchesDone: 1,
      vendorRequestIds: [],
      nextAttemptAt: null,
      lastError: null,
    }
  })
  const job: JobSnapshotFragment = {
    id: 'job',
    kind: 'PROFILES',
    state: 'PARTIALLY_FAILED',
    version: 9,
    staged: 0,
    progress: { ...nothing, total: 4000, processed: 4000 },
    deliveries,
    audit: [],
    idempotencyKey: null,
    createdAt: '2026-01-01T00:00:00Z',
    startedAt: null,
    finishedAt: null,
  }
  return {
    job,
    failures: destinations.flatMap(failuresAt),
    stores: new Map(destinations.map((id) => [id, storeAt(id)])),
  }
}

function failuresAt(destinationId: DestinationId): ResultDetailsFragment[] {
  return [...sample.expected.at[destinationId].failed].flatMap(([code, count]) =>
    Array.from({ length: count }, (_, index) => ({
      index,
      clientRef: null,
      key: null,
      destinationId,
      outcome: 'FAILED' as const,
      affected: 0,
      supersededBy: null,
      profileId: null,
      errors: [{ code, message: '', field: null, vendorCode: null, vendorMessage: null }],
      warnings: [],
      vendorRequestId: null,
      vendorTransactionId: null,
    })),
  )
}

/** With other names and other forms of the values than the sample has. */
function storeAt(destinationId: DestinationId): Store {
  const { stored, companies } = sample.expected.at[destinationId]
  const contacts = Array.from(stored.values(), ({ attributes, phone, ...fields }) => ({
    ...fields,
    ...attributes,
    gsm: [phone?.replace('+', '')],
    balance: Number(attributes?.['balance']),
  }))
  return { names: { phone: 'gsm' }, contacts, companies, extensions: sample.expected.extensions }
}

const check = ({ job, failures, stores }: ReturnType<typeof perfectImport>) =>
  checkImport(sample, job, failures, stores)

test('finds nothing wrong with an import that went as it should', () => {
  expect(check(perfectImport())).toEqual([])
})

test.each(destinations)('tells of a contact that %s has not stored', (id) => {
  const done = perfectImport()
  const { size } = sample.expected.at[id].stored
  done.stores.get(id)?.contacts.pop()
  expect(check(done)).toEqual([
    `${id}: stored contacts: expected ${size}, found ${size - 1}`,
    expect.stringMatching(`^${id}: 1 contacts are not there, or not as they were sent: the first is C-`),
  ])
})

test.each(destinations)('tells of a contact that %s has stored otherwise than it was sent', (id) => {
  const done = perfectImport()
  const contacts = done.stores.get(id)?.contacts ?? []
  contacts[0] = { ...contacts[0], lastName: 'Nobody' }
  expect(check(done)).toEqual([`${id}: 1 contacts are not there, or not as they were sent: the first is C-00000`])
})

test('tells of an outcome that was counted for another', () => {
  const done = perfectImport()
  const [local] = done.job.deliveries
  if (local) local.progress = { ...local.progress, failed: local.progress.failed - 1, unknown: 1 }
  expect(check(done)).toEqual([expect.stringMatching(/^local: failed: expected 12, found 11$/)])
})

test('tells of a failure that says another reason', () => {
  const done = perfectImport()
  const [failure] = done.failures
  if (failure)
    failure.errors = [{ code: 'DESTINATION_REJECTED', message: '', field: null, vendorCode: null, vendorMessage: null }]
  expect(check(done)).toEqual([expect.stringMatching(/^local: failed with INVALID_EMAIL: expected 2, found 1$/)])
})

test('tells of a destination that the job did not deliver to', () => {
  const done = perfectImport()
  done.job.deliveries.pop()
  expect(check(done)).toEqual(['destinations: expected local,webex,dengage,altcraft, found local,webex,dengage'])
})

test('tells of links and extensions that are not there', () => {
  const done = perfectImport()
  for (const store of done.stores.values()) Object.assign(store, { companies: 3, extensions: 0 })
  expect(check(done)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^local: stored companies: expected \d+, found 3$/),
      expect.stringMatching(/^webex: stored companies: expected \d+, found 3$/),
      expect.stringMatching(/^stored extensions: expected \d+, found 0$/),
    ]),
  )
})

test('shows the outcomes that occur, a destination a row, and what they mean', () => {
  const { job } = perfectImport()
  expect(outcomeTable(job)).toEqual([
    '          CREATED  UPSERTED  SUPERSEDED  FAILED  state',
    'local         973         0          15      12  PARTIALLY_FAILED',
    'webex         975         0          15      10  PARTIALLY_FAILED',
    'dengage       973         0          15      12  PARTIALLY_FAILED',
    'altcraft        0       973          15      12  PARTIALLY_FAILED',
    '',
    'CREATED     a new profile',
    'UPSERTED    written; the vendor does not say whether it was there',
    'SUPERSEDED  folded into a later row with the same key',
    'FAILED      not written; each says why',
  ])
})
