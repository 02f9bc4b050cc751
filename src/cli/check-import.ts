import type { JobSnapshotFragment, ResultDetailsFragment } from './generated/graphql.ts'
import { outcomes, sum } from './outcome-table.ts'
import { destinations, type ExpectedImport, type Sample } from './sample.ts'
import type { Store } from './stored-contacts.ts'
import { contactFields, nameIn, type StoredContact } from './vendor-accounts.ts'

type Delivery = JobSnapshotFragment['deliveries'][number]

/** Says what differs from what the sample has to lead to, whatever the batches were: in the job's account of it, and in what is stored. */
export function checkImport(
  { contacts, expected }: Sample,
  job: JobSnapshotFragment,
  failures: readonly ResultDetailsFragment[],
  stores: ReadonlyMap<string, Store>,
): string[] {
  const faults: string[] = []
  const expect = expectation(faults)
  expect('state of the job', job.state, 'PARTIALLY_FAILED')
  expect('records of the job', job.progress.total, contacts.length * destinations.length)
  expect('destinations', job.deliveries.map(({ destinationId }) => destinationId).join(), destinations.join())
  for (const id of destinations) {
    const delivery = job.deliveries.find(({ destinationId }) => destinationId === id)
    const store = stores.get(id)
    if (!delivery || !store) continue
    const own = failures.filter(({ destinationId }) => destinationId === id)
    const found = [
      ...checkDelivery(delivery, contacts.length, expected.at[id], own),
      ...checkStore(store, expected.at[id]),
    ]
    faults.push(...found.map((fault) => `${id}: ${fault}`))
  }
  expect('stored extensions', stores.get('local')?.extensions, expected.extensions)
  return faults
}

function checkDelivery(
  { state, progress }: Delivery,
  records: number,
  { stored, repeats, failed }: ExpectedImport,
  failures: readonly ResultDetailsFragment[],
): string[] {
  const faults: string[] = []
  const expect = expectation(faults)
  expect('state', state, 'PARTIALLY_FAILED')
  expect('records processed', progress.processed, records)
  expect('outcomes added up', sum(outcomes.map(([outcome]) => progress[outcome])), records)
  // A vendor that does not say which way it wrote them has made them too: there was none before.
  expect('created or upserted', progress.created + progress.upserted, stored.size)
  expect('updated, unchanged or superseded', progress.updated + progress.unchanged + progress.superseded, repeats)
  expect('failed', progress.failed, sum(failed.values()))
  const found = Map.groupBy(failures, ({ errors }) => errors[0]?.code)
  for (const [code, count] of failed) expect(`failed with ${code}`, found.get(code)?.length, count)
  return faults
}

function checkStore({ contacts, companies, names }: Store, expected: ExpectedImport): string[] {
  const faults: string[] = []
  const expect = expectation(faults)
  expect('stored contacts', contacts.length, expected.stored.size)
  if (companies !== null) expect('stored companies', companies, expected.companies)
  const byKey = new Map(contacts.map((contact) => [contact[nameIn(names, 'key')], contact]))
  const different = [...expected.stored].filter(([key, { attributes, ...fields }]) => {
    const sent: StoredContact = { ...attributes, ...fields }
    const there = byKey.get(key)
    return contactFields.some((field) => plain(there?.[nameIn(names, field)]) !== plain(sent[field]))
  })
  if (different.length > 0) {
    const [first] = different.map(([key]) => key)
    faults.push(`${different.length} contacts are not there, or not as they were sent: the first is ${first}`)
  }
  return faults
}

/** A value as text that is the same in whatever form a destination keeps it: 7.10 as 7.1, +49151 as 49151, a day as its first instant. */
function plain(value: unknown): string {
  const text = Array.isArray(value) ? value.join(', ') : String(value ?? '')
  if (/^[+-]?\d+(\.\d+)?$/.test(text)) return String(Number(text))
  return /^\d{4}-\d\d-\d\d(T.+)?$/.test(text) ? new Date(text).toISOString() : text
}

function expectation(faults: string[]) {
  return (what: string, found: unknown, wanted: unknown) => {
    if (found !== wanted) faults.push(`${what}: expected ${wanted}, found ${found}`)
  }
}
