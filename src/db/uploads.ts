import type { Queryable } from '../contract/adapter.ts'
import type { FileHeader, FilePart, ImportFormat } from '../domain/import-format.ts'
import { plainArray } from './literals.ts'

/** An upload that was received whole. */
export interface ReadyUpload {
  id: string
  format: ImportFormat
  bytes: number
  records: number
  /** Each of 1,000 records, the last one of the rest: part N holds the records from N × 1,000 on. */
  parts: number
  /** Of a CSV file. */
  header: FileHeader | null
  /** SHA-256 of the format and the uncompressed content, in hex. */
  contentHash: string
}

export interface UploadKey {
  tenant: string
  id: string
}

/** An upload that is still received counts as broken off when so many seconds have passed since it was last heard of. */
export const receivingSeconds = 180
/** As long is one kept, at a time, whose end has come while a job reads it. */
const inUseSeconds = 600
/** Parts are handed out by about so many bytes together. */
const partsBytes = 67_108_864
/** Parts removed by one statement, so that a large upload holds up nobody for long. */
const partsRemoved = 200

const uploadId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Whether a text could be the id of an upload; of any other nothing can be asked. */
export const isUploadId = (text: string): boolean => uploadId.test(text)

/**
 * An upload of the tenant that is READY; null for any other text. Within a transaction it stays until the end of that: the row is locked
 * against being removed, so that a job that is stored with it finds it.
 */
export async function findUpload(db: Queryable, tenant: string, id: string): Promise<ReadyUpload | null> {
  if (!isUploadId(id)) return null
  const [upload] = await db.query<ReadyUpload>(
    `select id, format, bytes::float8 as bytes, records, parts, header, content_hash as "contentHash" from uploads
      where tenant = $1 and id = $2::uuid and state = 'READY' for share`,
    [tenant, id],
  )
  return upload ?? null
}

/**
 * The parts numbered `from` and after it, in order, at most `count`. Fewer where those would be more than 64 MiB together, so that a caller
 * can hold them, but at least one where there is one: whether more follow is told by `parts` of the upload.
 */
export function readParts(db: Queryable, tenant: string, id: string, from: number, count: number): Promise<FilePart[]> {
  return db.query<FilePart>(
    `with sizes as (
       select part, sum(octet_length(content)) over (order by part) as bytes from upload_parts
        where tenant = $1 and upload_id = $2::uuid and part >= $3::int and part < $3::int + $4::int)
     select p.part, p.size, p.first_line as "firstLine", p.lines, p.content, p.malformed
       from sizes s join upload_parts p on p.tenant = $1 and p.upload_id = $2::uuid and p.part = s.part
      where s.part = $3::int or s.bytes <= ${partsBytes}
      order by p.part`,
    [tenant, id, from, count],
  )
}

/** What an upload has come to. */
export interface UploadExtent {
  /** Uncompressed. */
  bytes: number
  records: number
  parts: number
}

export async function insertUpload(db: Queryable, { tenant, id }: UploadKey, format: ImportFormat): Promise<void> {
  await db.query(
    `insert into uploads (tenant, id, format, expires_at)
     values ($1, $2::uuid, $3, now() + make_interval(secs => ${receivingSeconds}))`,
    [tenant, id, format],
  )
}

/**
 * Makes others wait who add to the tenant's uploads, until the end of this transaction: what they have together is then known exactly. The
 * statements that follow see what those before have stored.
 */
export async function lockUploads(transaction: Queryable, tenant: string): Promise<void> {
  await transaction.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
    JSON.stringify(['uploads', tenant]),
  ])
}

/** Uncompressed bytes of the tenant's other uploads, those that are still received included. */
export async function bytesOfOthers(db: Queryable, { tenant, id }: UploadKey): Promise<number> {
  const [others] = await db.query<{ bytes: number }>(
    'select coalesce(sum(bytes), 0)::float8 as bytes from uploads where tenant = $1 and id <> $2::uuid',
    [tenant, id],
  )
  return others?.bytes ?? 0
}

/** Stores the next part, and what there is with it. False when the upload has been given up meanwhile: nothing is stored then. */
export async function insertUploadPart(
  transaction: Queryable,
  { tenant, id }: UploadKey,
  part: FilePart,
  { bytes, records, parts }: UploadExtent,
): Promise<boolean> {
  const rows = await transaction.query(
    `with receiving as (
       update uploads
          set bytes = $3::bigint, records = $4::int, parts = $5::int, expires_at = now() + make_interval(secs => ${receivingSeconds})
        where tenant = $1 and id = $2::uuid and state = 'RECEIVING'
        returning tenant, id)
     insert into upload_parts (tenant, upload_id, part, size, first_line, lines, content, malformed)
     select tenant, id, $6::int, $7::int, $8::int, $9::int[], $10, $11::jsonb from receiving
     returning part`,
    [
      tenant,
      id,
      bytes,
      records,
      parts,
      part.part,
      part.size,
      part.firstLine,
      part.lines && plainArray(part.lines),
      part.content,
      part.malformed && JSON.stringify(part.malformed),
    ],
  )
  return rows.length === 1
}

/** Says that the upload is still received, though nothing was stored for some time: its sender is slow. */
export async function keepReceiving(db: Queryable, { tenant, id }: UploadKey): Promise<void> {
  await db.query(
    `update uploads set expires_at = now() + make_interval(secs => ${receivingSeconds})
      where tenant = $1 and id = $2::uuid and state = 'RECEIVING'`,
    [tenant, id],
  )
}

/** Makes an upload READY whose parts are all stored. False when it has been given up meanwhile. */
export async function finishUpload(
  transaction: Queryable,
  { tenant, id }: UploadKey,
  {
    bytes,
    header,
    contentHash,
    ttlHours,
  }: { bytes: number; header: string | null; contentHash: string; ttlHours: number },
): Promise<boolean> {
  const rows = await transaction.query(
    `update uploads
        set state = 'READY', bytes = $3::bigint, header = $4::jsonb, content_hash = $5, expires_at = now() + make_interval(hours => $6::int)
      where tenant = $1 and id = $2::uuid and state = 'RECEIVING'
      returning id`,
    [tenant, id, bytes, header, contentHash, ttlHours],
  )
  return rows.length === 1
}

/** Gives an upload up: it is not there any more, and counts for nothing. Its parts are then to be removed; the sweep finds it if they are not. */
export async function giveUpUpload(db: Queryable, { tenant, id }: UploadKey): Promise<void> {
  await db.query(
    `update uploads set state = 'GIVEN_UP', bytes = 0, expires_at = now() where tenant = $1 and id = $2::uuid`,
    [tenant, id],
  )
}

/**
 * Removes some parts of an upload that was given up, and the upload itself with the last of them; true when it is gone. Two processes may be at
 * one upload: of the parts that the other has just removed it finds none, and more may be left.
 */
export async function removeParts(db: Queryable, { tenant, id }: UploadKey): Promise<boolean> {
  const removed = await db.query(
    `delete from upload_parts
      where tenant = $1 and upload_id = $2::uuid
        and part in (select part from upload_parts where tenant = $1 and upload_id = $2::uuid order by part limit ${partsRemoved})
      returning part`,
    [tenant, id],
  )
  if (removed.length === partsRemoved) return false
  const left = 'exists (select from upload_parts where tenant = $1 and upload_id = $2::uuid)'
  const [upload] = await db.query<{ isLeft: boolean }>(
    `with gone as (
       delete from uploads where tenant = $1 and id = $2::uuid and state = 'GIVEN_UP' and not ${left})
     select ${left} as "isLeft"`,
    [tenant, id],
  )
  return upload?.isLeft === false
}

/**
 * Takes an upload whose time is up, and gives it up; null when there is none. One that a job is still to read is kept instead, which is
 * asked by a second statement: a job may have been stored until the row was locked.
 */
export async function giveUpExpired(transaction: Queryable): Promise<{ key: UploadKey; isInUse: boolean } | null> {
  const [key] = await transaction.query<UploadKey>(
    'select tenant, id from uploads where expires_at <= now() order by expires_at limit 1 for update skip locked',
  )
  if (!key) return null
  const [kept] = await transaction.query(
    `update uploads u set expires_at = now() + make_interval(secs => ${inUseSeconds})
      where tenant = $1 and id = $2::uuid and state = 'READY'
        and exists (select from jobs j join deliveries d on d.tenant = j.tenant and d.job_id = j.id and d.ordinal = 0
                     where j.tenant = $1 and j.state in ('STAGING', 'PAUSING', 'PAUSED') and j.source ->> 'uploadId' = u.id::text and d.staging)
      returning id`,
    [key.tenant, key.id],
  )
  if (!kept) await giveUpUpload(transaction, key)
  return { key, isInUse: kept !== undefined }
}
