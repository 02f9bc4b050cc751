import type { Queryable } from '../contract/adapter.ts'
import type { ColumnMappingInput } from '../contract/input.ts'
import type { RecordError } from '../contract/outcome.ts'
import type { StagingJob } from '../db/job-stage.ts'
import type { LabelledRecord } from './request-kind.ts'
import type { ChunkOrigin } from './stored-chunks.ts'

/** Where the records of a job that is being staged come from, as its row keeps it. */
export type JobSource = UploadSource

/** A file that was uploaded. */
export interface UploadSource {
  kind: 'upload'
  uploadId: string
  /** By which a repeated request is known when the upload is not there any more. */
  contentHash: string
  columns: ColumnMappingInput[] | null
}

/** A record as its source has it; one that cannot be read fails everywhere. `label` is what can be told of it all the same. */
export type SourceRecord =
  | { ok: true; input: LabelledRecord }
  | { ok: false; errors: RecordError[]; label: LabelledRecord }

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
