import type { Queryable } from '../contract/adapter.ts'
import type { ColumnMappingInput } from '../contract/input.ts'
import type { RecordError, RecordErrorCode } from '../contract/outcome.ts'
import type { StagingJob } from '../db/job-stage.ts'
import type { LabelledRecord } from './request-kind.ts'
import type { ChunkOrigin } from './stored-chunks.ts'

/** Where the records of a job that is being staged come from, as its row keeps it. */
export type JobSource = UploadSource | RetrySource

/** A file that was uploaded. */
export interface UploadSource {
  kind: 'upload'
  uploadId: string
  /** By which a repeated request is known when the upload is not there any more. */
  contentHash: string
  /** Those of the request, and beside them the columns whose names are attributes in another case. */
  columns: ColumnMappingInput[] | null
}

/** The failed records of another job. */
export interface RetrySource {
  kind: 'retry'
  jobId: string
  /** Of this job's deliveries, in their order, the places of their destinations among those of the other job. */
  ordinals: number[]
  /** Only what failed with one of these; null is all. */
  codes: RecordErrorCode[] | null
}

/** A record as its source has it; one that cannot be read fails everywhere. `label` is what can be told of it all the same, `found` what stands there. */
export type SourceRecord =
  | { ok: true; input: LabelledRecord }
  | { ok: false; errors: RecordError[]; label: LabelledRecord; found: unknown }

/** The records of one chunk. */
export interface SourceChunk {
  records: readonly SourceRecord[]
  origin: ChunkOrigin
  /** For each delivery the places of records that do not go there; null: all go everywhere. */
  absent: readonly ReadonlySet<number>[] | null
}

/** Reads the records of a job in the order in which they are numbered. It keeps nothing between two calls: any process may make the next one. */
export interface StagingSource<Source extends JobSource = JobSource> {
  /**
   * The chunks from that number on, each full but the job's last; read one by one, as they are taken. Throws when one is not there.
   */
  read(db: Queryable, job: StagingJob, source: Source, fromChunk: number): AsyncIterable<SourceChunk>
}
