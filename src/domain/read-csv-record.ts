import type { ProfileInput } from '../contract/input.ts'
import type { RecordError } from '../contract/outcome.ts'
import { channels, contactStatuses, type NullPolicy, subscriptionStatuses } from '../contract/profile.ts'
import type { CellType, Target } from './csv-columns.ts'
import { noteExtensionNumbers } from './extension-numbers.ts'
import { labelOf, malformed, type ReadInput } from './read-profile-input.ts'
import { firstErrors } from './record-errors.ts'
import { noteUnreadable, type UnreadableMember } from './unreadable-extensions.ts'
import { coerceValue } from './values.ts'

type Cell = { ok: true; value: unknown } | { ok: false; message: string }

function readCell(type: CellType, cell: string): Cell {
  switch (type) {
    case 'text':
      return { ok: true, value: cell }
    case 'boolean':
      return coerceValue('BOOLEAN', cell)
    case 'integer':
      return coerceValue('INTEGER', cell)
    case 'list':
      return { ok: true, value: cell.split(',').map((word) => word.trim()) }
    case 'contactStatus':
      return oneOf(contactStatuses, cell)
    case 'subscriptionStatus':
      return oneOf(subscriptionStatuses, cell)
    case 'channel':
      return oneOf(channels, cell)
  }
}

function oneOf(names: readonly string[], cell: string): Cell {
  return names.includes(cell) ? { ok: true, value: cell } : { ok: false, message: `is not one of ${names.join(', ')}` }
}

/** Cells beyond those of the header that are still read of a row, to say how many there are. */
export const mostExtraCells = 100

const cellsOf = (count: number) => `${count} ${count === 1 ? 'cell' : 'cells'}`

/** What the cells of a row say of one extension. */
interface ExtensionCells {
  members: Record<string, unknown>
  customFields: Record<string, string | null>
  /** What cannot be read of them, which does not fail the row: see unreadable-extensions.ts. */
  unreadable: UnreadableMember[]
  /** Something beside `channel`, which often stands in every row. */
  isThere: boolean
}

/**
 * A row of a CSV file as a ProfileInput. An empty cell is left out; under CLEAR it is null where null clears. An extension of which no cell
 * but `channel` says anything is left out; those that are there stand in the order of their numbers.
 */
export function readCsvRecord(cells: readonly string[], targets: readonly Target[], nulls: NullPolicy): ReadInput {
  // Where the last columns have no name, the cells for them may be left out.
  const named = targets.findLastIndex(({ kind }) => kind !== 'unnamed') + 1
  if (cells.length > targets.length || cells.length < named) {
    // One with still more cells was cut off there: half of it would mislead whoever mends it.
    const isWhole = cells.length <= targets.length + mostExtraCells
    const found = isWhole ? cellsOf(cells.length) : `more than ${cells.length - 1} cells`
    const message = `The row has ${found}, and the header has ${named}: give each column one cell`
    return malformed(message, {}, isWhole ? cells : null)
  }
  const unnamed = named === targets.length ? -1 : cells.findIndex((cell, place) => place >= named && cell !== '')
  if (unnamed !== -1) {
    const message = `The row has a text in column ${unnamed + 1}, to which the header gives no name: name it there, or empty the cell`
    return malformed(message, {}, cells)
  }
  const clears = nulls === 'CLEAR'
  const errors: RecordError[] = []
  const input: Record<string, unknown> = {}
  const attributes: Record<string, string | null> = {}
  const extensions = new Map<number, ExtensionCells>()
  const extensionAt = (place: number): ExtensionCells => {
    const known = extensions.get(place)
    if (known) return known
    const added = { members: {}, customFields: {}, unreadable: [], isThere: false }
    extensions.set(place, added)
    return added
  }
  const read = (type: CellType, cell: string, field: string, refuse: (refused: UnreadableMember) => void) => {
    const checked = readCell(type, cell)
    if (!checked.ok) refuse({ field, message: `${field} ${checked.message}` })
    // What cannot be read is kept for whoever mends it.
    return checked.ok ? checked.value : cell
  }
  const refuse = (refused: UnreadableMember) => errors.push({ code: 'INVALID_VALUE', ...refused })

  for (const [place, target] of targets.entries()) {
    const cell = cells[place] ?? ''
    switch (target.kind) {
      case 'field':
        if (cell !== '') input[target.name] = read(target.type, cell, target.name, refuse)
        else if (clears && target.clears) input[target.name] = null
        break
      case 'attribute':
        if (cell !== '') attributes[target.name] = cell
        else if (clears) attributes[target.name] = null
        break
      case 'extension': {
        const { name, place: number, type } = target
        const extension = extensionAt(number)
        if (cell !== '') {
          extension.members[name] = read(type, cell, name, (refused) => extension.unreadable.push(refused))
        } else if (clears && target.clears) extension.members[name] = null
        if (cell !== '' && name !== 'channel') extension.isThere = true
        break
      }
      case 'customField': {
        const extension = extensionAt(target.place)
        if (cell !== '') extension.customFields[target.name] = cell
        else if (clears) extension.customFields[target.name] = null
        if (cell !== '') extension.isThere = true
        break
      }
      case 'nothing':
      case 'unnamed':
        break
    }
  }
  if (Object.keys(attributes).length > 0) input['attributes'] = attributes
  const there = [...extensions].filter(([, { isThere }]) => isThere).sort(([left], [right]) => left - right)
  if (there.length > 0) {
    input['extensions'] = there.map(([, extension]) => extensionFrom(extension))
  }
  if (errors.length > 0) return { ok: false, errors: firstErrors(errors), label: labelOf(input), found: input }
  noteExtensionNumbers(
    input,
    there.map(([number]) => number),
  )
  // Each member was read by the type of its field, or is noted as one that could not be.
  return { ok: true, input: input as ProfileInput }
}

/** An address that is missing is left to the check of addresses; without a channel there is none. */
function extensionFrom({ members, customFields, unreadable }: ExtensionCells): object {
  const extension = { address: '', ...members, ...(Object.keys(customFields).length > 0 ? { customFields } : {}) }
  if (!Object.hasOwn(members, 'channel')) {
    unreadable.push({ field: 'channel', message: `channel is empty: name one of ${channels.join(', ')}` })
  }
  if (unreadable.length > 0) noteUnreadable(extension, unreadable)
  return extension
}
