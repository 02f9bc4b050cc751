import type { AnswerItem, AnswerLists } from './envelope.ts'
import { KeyFinder } from './named-keys.ts'

/** How a row of a call may be called in its answer. */
export interface RowNames {
  /** Its contact_key, and after a rename the new one. */
  keys: readonly string[]
  /** Of an extension: several rows may have one key. */
  address?: string
}

/** What the lists say of one row. */
export interface Judgement {
  /** UPSERTED: written, and nobody says which way. UNCLEAR: some rows of its key were written, and nobody says which. */
  state: 'CREATED' | 'UPDATED' | 'UPSERTED' | 'UNCLEAR' | 'FAILED' | 'ABSENT'
  errors: string[]
  warnings: string[]
}

export interface Judgements {
  /** In the order of the rows. */
  rows: Judgement[]
  /** What names no row. */
  keylessErrors: string[]
  keylessWarnings: string[]
}

const isWritten = ({ state }: Judgement) => state === 'CREATED' || state === 'UPDATED' || state === 'UPSERTED'

/** Reads the four lists against the rows that were sent. Entries about keys that were not sent say nothing. */
export function judge(lists: AnswerLists, names: readonly RowNames[]): Judgements {
  const rows = names.map((): Judgement => ({ state: 'ABSENT', errors: [], warnings: [] }))
  const placesOf = placesByKey(names)
  judgeWritten(lists, names, placesOf, rows)

  const finder = new KeyFinder(placesOf.keys())
  const keylessErrors: string[] = []
  const errorsOf = new Map<string, number>()
  for (const item of lists.errors) {
    const { keys, certain } = namedBy(item, finder, placesOf)
    const places = placesOfItem(item, keys, placesOf, names)
    // A word that is a key only by chance is not one of a record that was written.
    const meant = certain ? places : places.filter((place) => !isWrittenAt(rows, place))
    if (meant.length === 0) keylessErrors.push(item.text)
    for (const key of keys) errorsOf.set(key, (errorsOf.get(key) ?? 0) + 1)
    for (const place of meant) rows[place]?.errors.push(item.text)
  }
  for (const [place, row] of rows.entries()) {
    if (row.state !== 'ABSENT' || row.errors.length === 0) continue
    row.state = isErrorCertain(place, names, rows, placesOf, errorsOf) ? 'FAILED' : 'UNCLEAR'
  }

  const keylessWarnings: string[] = []
  for (const item of lists.warnings) {
    const { keys, certain } = namedBy(item, finder, placesOf)
    const places = placesOfItem(item, keys, placesOf, names)
    const meant = certain ? places : places.filter((place) => isWrittenAt(rows, place))
    if (meant.length === 0) keylessWarnings.push(item.text)
    for (const place of meant) rows[place]?.warnings.push(item.text)
  }
  return { rows, keylessErrors, keylessWarnings }
}

const isWrittenAt = (rows: readonly Judgement[], place: number) => {
  const row = rows[place]
  return row !== undefined && isWritten(row)
}

type Places = ReadonlyMap<string, readonly number[]>

/** A row's own key goes before another's new one. */
function placesByKey(names: readonly RowNames[]): Places {
  const places = new Map<string, number[]>()
  const add = (key: string, place: number) => {
    const list = places.get(key)
    if (list) list.push(place)
    else places.set(key, [place])
  }
  for (const [place, { keys }] of names.entries()) if (keys[0] !== undefined) add(keys[0], place)
  const own = new Set(places.keys())
  for (const [place, { keys }] of names.entries()) {
    for (const key of keys.slice(1)) if (!own.has(key)) add(key, place)
  }
  return places
}

function judgeWritten(lists: AnswerLists, names: readonly RowNames[], placesOf: Places, rows: Judgement[]): void {
  const inserted = new Map<string, number>()
  const updated = new Map<string, number>()
  const count = (items: readonly AnswerItem[], state: 'CREATED' | 'UPDATED', counts: Map<string, number>) => {
    for (const item of items) {
      if (item.key === undefined) continue
      const named = item.address === undefined ? [] : placesOfItem(item, [item.key], placesOf, names)
      const [place] = named
      const row = place === undefined ? undefined : rows[place]
      if (named.length === 1 && row) row.state = row.state === 'ABSENT' ? state : row.state
      else counts.set(item.key, (counts.get(item.key) ?? 0) + 1)
    }
  }
  count(lists.inserted, 'CREATED', inserted)
  count(lists.updated, 'UPDATED', updated)
  for (const [key, places] of placesOf) {
    const created = inserted.get(key) ?? 0
    const changed = updated.get(key) ?? 0
    if (created + changed === 0) continue
    const open = places.flatMap((place) => (rows[place]?.state === 'ABSENT' ? (rows[place] ?? []) : []))
    const state =
      created + changed < open.length ? 'UNCLEAR' : changed === 0 ? 'CREATED' : created === 0 ? 'UPDATED' : 'UPSERTED'
    // One contact in both lists was inserted by this very call.
    for (const row of open) row.state = open.length === 1 && created > 0 ? 'CREATED' : state
  }
}

function namedBy(item: AnswerItem, finder: KeyFinder, placesOf: Places): { keys: string[]; certain: boolean } {
  if (item.key !== undefined && placesOf.has(item.key)) return { keys: [item.key], certain: true }
  const { named, certain } = finder.find(item.text)
  return { keys: [...new Set(named.map(({ key }) => key))], certain }
}

/** The rows that an entry speaks of: those of its keys, narrowed to the address where it has one. */
function placesOfItem(
  { address, text }: AnswerItem,
  keys: readonly string[],
  placesOf: Places,
  names: readonly RowNames[],
): number[] {
  const places = keys.flatMap((key) => placesOf.get(key) ?? [])
  if (places.length < 2) return places
  const said = (address ?? text).toLowerCase()
  const withAddress = places.filter((place) => {
    const own = names[place]?.address
    if (own === undefined) return false
    return address === undefined ? said.includes(own.toLowerCase()) : said === own.toLowerCase()
  })
  return withAddress.length > 0 ? withAddress : places
}

/** Whether the row's error is surely its own: where several rows have its key, there must be an error for each that was not written. */
function isErrorCertain(
  place: number,
  names: readonly RowNames[],
  rows: readonly Judgement[],
  placesOf: Places,
  errorsOf: ReadonlyMap<string, number>,
): boolean {
  const [key = '', ...others] = names[place]?.keys ?? []
  if (
    names[place]?.address !== undefined &&
    rows[place]?.errors.some((text) => mentions(text, names[place]?.address))
  ) {
    return true
  }
  const rivals = (placesOf.get(key) ?? []).filter((other) => !isWrittenAt(rows, other))
  const errors = [key, ...others].reduce((sum, one) => sum + (errorsOf.get(one) ?? 0), 0)
  return rivals.length <= errors
}

function mentions(text: string, address: string | undefined): boolean {
  return address !== undefined && text.toLowerCase().includes(address.toLowerCase())
}
