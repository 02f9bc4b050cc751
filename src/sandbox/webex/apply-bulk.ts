import type { BulkCall, BulkEntry } from './bulk-call.ts'
import { type ContactStore, findAttribute, findRows, type Row } from './contact-rows.ts'
import { type FailureCode, failures, readings } from './readings.ts'
import type { Definition, Link } from './settings.ts'

export interface Failure {
  code: FailureCode
  description: string
}

/** What became of one entry of `requests`. */
export interface EntryOutcome {
  /** Empty where no single row has one. */
  key: string
  action: 'create' | 'update'
  /** null: applied. */
  failure: Failure | null
  /** How many rows were created or updated. */
  rows: number
}

interface Place {
  definition: Definition
  links: readonly Link[]
  store: ContactStore
}

/** Applies the entries one after the other, each wholly or not at all: a later one sees what an earlier one wrote. */
export function applyBulk(call: BulkCall, place: Place): EntryOutcome[] {
  return call.requests.map((entry) => applyEntry(call, entry, place))
}

function applyEntry(call: BulkCall, entry: BulkEntry, place: Place): EntryOutcome {
  const { key, filter } = entry
  const fail = (code: FailureCode, description: string = failures[code].description): EntryOutcome => ({
    key: key ?? readings.keyOfSeveral,
    action: code === 7201 ? 'create' : 'update',
    failure: { code, description },
    rows: 0,
  })
  if ((key === undefined) === (filter === undefined)) {
    return fail(readings.keyAndFilter, 'Either "key" or "filter" is mandatory, and not both.')
  }
  const { definition, store } = place
  const values = new Map<string, string>()
  for (const attribute of entry.attributes) {
    const name = findAttribute(definition, attribute)
    if (name === null) return fail(7029, unknownAttribute(attribute))
    values.set(name, attribute.val)
  }
  const rows = store.rowsOf(definition)
  const found = filter ? findRows(definition, rows, filter) : [rows.get(key ?? '')].filter((row) => row !== undefined)
  if (found === null) return fail(readings.emptyAttributeName, 'The filter names an attribute that does not exist')
  if (found.length > 0 && call.upsert === '0') return fail(filter ? readings.foundUnderCreate : 7201)
  if (found.length === 0 && filter) return fail(readings.nothingFound(call.upsert))
  if (found.length === 0 && call.upsert === '2') return fail(7200)

  const targets = found.length > 0 ? found : [newRow(definition, key ?? '')]
  const missing = missingLinks(place, targets, values)
  if (call['update-link'] === '3' && missing.length > 0) {
    return fail(readings.linkMissing.code, readings.linkMissing.description)
  }
  if (call['update-link'] === '2') for (const { link, value } of missing) createLinked(store, link, value)
  for (const row of targets) {
    for (const [name, value] of values) row.attributes.set(name, value)
    rows.set(row.key, row)
  }
  const [only, ...others] = targets
  return {
    key: key ?? (only && others.length === 0 ? only.key : readings.keyOfSeveral),
    action: found.length > 0 ? 'update' : 'create',
    failure: null,
    rows: targets.length,
  }
}

function newRow({ keyAttribute }: Definition, key: string): Row {
  return { key, attributes: new Map(keyAttribute === null ? [] : [[keyAttribute, key]]) }
}

/** The links that the rows will have once the values are written, and whose other end is not there. */
function missingLinks({ definition, links, store }: Place, rows: readonly Row[], values: ReadonlyMap<string, string>) {
  const missing: { link: Link; value: string }[] = []
  for (const link of links) {
    if (link.source !== definition.name) continue
    for (const row of rows) {
      // Without a value to join by there is no link to be missing.
      const value = values.get(link.sourceAttribute) ?? row.attributes.get(link.sourceAttribute) ?? ''
      if (value !== '' && !hasLinked(store, link, value)) missing.push({ link, value })
    }
  }
  return missing
}

function hasLinked(store: ContactStore, { destination, destinationAttribute }: Link, value: string): boolean {
  const rows = store.rowsOf(destination)
  if (destinationAttribute === null) return rows.has(value)
  return [...rows.values()].some(({ attributes }) => attributes.get(destinationAttribute) === value)
}

// "Empty" holds what the link is joined by and nothing else; its key is that value, there being no other.
function createLinked(store: ContactStore, { destination, destinationAttribute }: Link, value: string): void {
  const rows = store.rowsOf(destination)
  const row = rows.get(value) ?? { key: value, attributes: new Map<string, string>() }
  if (destinationAttribute !== null) row.attributes.set(destinationAttribute, value)
  rows.set(value, row)
}

// With its quotes and commas the text also tries the reader of the error file.
function unknownAttribute(attribute: BulkEntry['attributes'][number]): string {
  const { 'attribute-name': name, 'attribute-id': id } = attribute
  return `${failures[7029].description}: "${name ?? id ?? ''}", not in this profile`
}
