import type { Prepared, Queryable, Unsupported } from '../contract/adapter.ts'
import type { RecordError, RecordErrorCode, RecordWarning } from '../contract/outcome.ts'
import type { UpsertOptions } from '../contract/request.ts'
import { numberedAsInFile } from '../domain/extension-numbers.ts'
import { type Target, told } from './examine.ts'
import { keptAsSent, keptRecord } from './kept-record.ts'
import { operationOf } from './operations.ts'
import type { LabelledRecord, Normalised, RequestKind } from './request-kind.ts'
import type { SourceChunk, SourceRecord } from './staging-source.ts'
import type { CheckedChunk } from './stored-chunks.ts'

/** What the records of one staged job are checked against. */
export interface Examination {
  tenant: string
  kind: RequestKind
  options: UpsertOptions
  targets: readonly Target[]
}

/**
 * Checks a chunk that was read after its request was accepted. What a request would be refused for beforehand fails here, at the
 * destination that cannot do it, the records that ask for it.
 */
export async function examineStaged(
  db: Queryable,
  examination: Examination,
  { records, absent }: SourceChunk,
  first: number,
): Promise<CheckedChunk> {
  const { kind, options, targets } = examination
  const normalised = records.map(
    (record): Normalised =>
      record.ok ? numberedAsInFile(record.input, kind.normalise(record.input, options)) : record,
  )
  // What is invalid, or was dropped, asks for nothing any more.
  const uses = kind.usesOf(
    normalised.flatMap((one) => (one.ok ? [one.record] : [])),
    options.nulls,
  )
  const asks = await Promise.all(
    targets.map(async (target) => (await refusalOf(db, examination, target, uses)) !== null),
  )
  const chunk = {
    first,
    records: [] as LabelledRecord[],
    kept: [] as unknown[],
    warnings: [] as RecordWarning[][],
    verdicts: targets.map((): (Prepared<unknown> | null)[] => []),
  }
  for (const [place, record] of records.entries()) {
    const one = normalised[place] ?? { ok: false, errors: [] }
    const verdicts: (Prepared<unknown> | null)[] = []
    for (const [ordinal, target] of targets.entries()) {
      const isAbsent = absent?.[ordinal]?.has(place) === true
      const verdict = isAbsent ? null : verdictOn(record, one, target)
      const mustAsk = asks[ordinal] === true && one.ok && verdict?.ok
      verdicts.push(mustAsk ? await askFor(db, examination, target, one.record, verdict) : verdict)
    }
    for (const [ordinal, verdict] of verdicts.entries()) chunk.verdicts[ordinal]?.push(verdict)
    chunk.records.push(one.ok ? one.record : record.ok ? record.input : record.label)
    chunk.kept.push(record.ok ? keptRecord(record.input, one, verdicts) : keptAsSent(record.found))
    chunk.warnings.push(one.ok ? one.warnings : [])
  }
  return chunk
}

function verdictOn(record: SourceRecord, normalised: Normalised, { prepare }: Target): Prepared<unknown> {
  if (!normalised.ok) return told(normalised)
  const prepared = told(prepare(normalised.record))
  return record.ok ? numberedAsInFile(record.input, prepared) : prepared
}

/** Why the destination cannot do what these records ask for, or null. */
async function refusalOf(
  db: Queryable,
  { tenant, kind, options }: Examination,
  { destination: { adapter } }: Target,
  uses: unknown,
): Promise<Unsupported | null> {
  const refused = kind.unsupportedBy(adapter.capabilities, options, uses)
  if (refused) return refused
  const preparing = await operationOf(adapter, kind.kind)?.preparer(db, tenant, options, uses)
  return preparing && !preparing.ok ? preparing.unsupported : null
}

/** The verdict on one record of a chunk of which some ask for what the destination cannot do. */
async function askFor(
  db: Queryable,
  examination: Examination,
  target: Target,
  record: LabelledRecord,
  verdict: Prepared<unknown>,
): Promise<Prepared<unknown>> {
  const { kind, options } = examination
  const unsupported = await refusalOf(db, examination, target, kind.usesOf([record], options.nulls))
  return unsupported === null ? verdict : { ok: false, errors: [unsupportedError(target, unsupported)] }
}

const codes: Readonly<Record<string, RecordErrorCode>> = { field: 'UNKNOWN_ATTRIBUTE', extensions: 'INVALID_EXTENSION' }

function unsupportedError({ destination }: Target, { feature, requested, supported }: Unsupported): RecordError {
  const remedy = supported.length > 0 ? `it supports ${supported.join(', ')}` : 'leave it out'
  const asked = feature === requested ? feature : `${feature} ${requested}`
  const message = `Destination ${JSON.stringify(destination.id)} does not support ${asked}: ${remedy}`
  return { code: codes[feature] ?? 'INVALID_VALUE', message, field: feature === 'field' ? requested : feature }
}
