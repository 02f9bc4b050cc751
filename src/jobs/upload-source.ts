import { findUpload, readParts } from '../db/uploads.ts'
import { readPart } from './import-file.ts'
import type { StagingSource, UploadSource } from './staging-source.ts'

/** Parts read by one statement; as many are held in memory. */
const partsAtOnce = 5

/** A file that was uploaded: its parts are the chunks. */
export const uploadSource: StagingSource<UploadSource> = {
  async *read(db, { tenant, options }, { uploadId, columns }, fromChunk) {
    const upload = await findUpload(db, tenant, uploadId)
    if (!upload) throw new Error(`the upload ${uploadId} is not there any more`)
    let next = fromChunk
    while (next < upload.parts) {
      const parts = await readParts(db, tenant, uploadId, next, partsAtOnce)
      if (parts.length === 0) throw new Error(`part ${next} of the upload ${uploadId} is not there`)
      for (const part of parts) {
        const records = readPart(part, upload.header, columns, options.nulls)
        yield { records, origin: { firstLine: part.firstLine, lines: part.lines, sourceIndexes: null }, absent: null }
      }
      next += parts.length
    }
  },
}
