import type { DestinationRegistry, Queryable } from '../contract/adapter.ts'
import type { ColumnMappingInput, ImportProfilesInput } from '../contract/input.ts'
import type { ProfileUpsertOptions } from '../contract/request.ts'
import type { Database } from '../db/database.ts'
import { findUsedUpload } from '../db/job-stage.ts'
import { defaultProfileType, readProfileTypes } from '../db/profile-types.ts'
import { findUpload, type ReadyUpload } from '../db/uploads.ts'
import { checkImportRequest, requestLimits } from '../domain/check-request.ts'
import { settledMappings } from '../domain/csv-columns.ts'
import { fingerprintOf } from '../domain/fingerprint.ts'
import { shownName } from '../domain/json.ts'
import { newId } from '../domain/new-id.ts'
import type { Acceptances, RequestIdentity } from './acceptance.ts'
import { targetsFor } from './examine.ts'
import { checkColumns, usesOfColumns } from './import-file.ts'
import type { ImportResult, Job } from './job.ts'
import { profileRequests } from './request-kind.ts'
import type { JobSource } from './staging-source.ts'
import { type AcceptedRequest, storeStagingJob } from './store-job.ts'
import { destinationsOf, invalidInput } from './submit.ts'

export interface ImportParts {
  database: Database
  registry: DestinationRegistry
  acceptances: Acceptances
  /** Called when a job was stored, for the stager of this process. */
  onStored: () => void
}

const operation = 'importProfiles'

/** The upload was removed between two looks at it. */
class UploadGone extends Error {
  override name = 'UploadGone'
}

/** The mutation importProfiles: checks all of the request that can be known without its records, which are read, checked and delivered afterwards. */
export function createImport({ database, registry, acceptances, onStored }: ImportParts) {
  return async function importProfiles(tenant: string, input: ImportProfilesInput): Promise<ImportResult> {
    const { uploadId, idempotencyKey = null, waitSeconds } = input
    const checked = checkImportRequest(input)
    const found = destinationsOf(registry, tenant, input.destinations.slice(0, requestLimits.destinations))
    if (!checked.ok || found.issues.length > 0) {
      return invalidInput([...(checked.ok ? [] : checked.issues), ...found.issues])
    }
    const { options } = checked
    const upload = await findUpload(database, tenant, uploadId)
    // A repeated request is known by what the file held, though it may not be kept any more.
    const contentHash =
      upload?.contentHash ??
      (idempotencyKey && (await findUsedUpload(database, tenant, operation, idempotencyKey, uploadId)))
    if (!contentHash) return uploadNotFound(uploadId)
    const identity = identityOf(tenant, input, contentHash)
    const before = await acceptances.findTaken(identity)
    if (before) return acceptances.answer(tenant, before, waitSeconds)
    if (!upload) return uploadNotFound(uploadId)

    const given = input.columns ?? null
    // A vendor may have a name of its own that differs in case alone.
    const hasStore = found.destinations.some(({ adapter }) => adapter.kind === 'store')
    const attributes = upload.header !== null && hasStore ? await attributesOf(database, tenant, options) : []
    const issues = checkColumns(upload.header, given, attributes)
    if (issues.length > 0) return invalidInput(issues)
    const columns = upload.header && settledMappings(upload.header.columns, given, attributes)
    const uses = usesBefore(upload, columns, options)
    const asked = await targetsFor(database, tenant, profileRequests, found.destinations, options, uses)
    if (!asked.ok) return asked.refusal

    const total = upload.records
    const request: AcceptedRequest = { ...identity, kind: profileRequests, total, waitSeconds, options }
    const source: JobSource = { kind: 'upload', uploadId, contentHash, columns }
    const destinations = found.destinations.map((destination) => ({ destination, records: total }))
    const store = async (transaction: Queryable): Promise<Job> => {
      // Keeps it from being removed before the job that reads it is there.
      if (!(await findUpload(transaction, tenant, uploadId))) throw new UploadGone(uploadId)
      return storeStagingJob(transaction, request, { source, parentId: null, destinations })
    }
    try {
      const acceptance = await acceptances.acceptAndWait(request, waitSeconds, store, onStored)
      return await acceptances.answer(tenant, acceptance, waitSeconds)
    } catch (error) {
      if (error instanceof UploadGone) return uploadNotFound(uploadId)
      throw error
    }
  }
}

/** The content takes the place of the upload's id: the same file sent twice is the same input. */
function identityOf(tenant: string, input: ImportProfilesInput, contentHash: string): RequestIdentity {
  const { uploadId: _, idempotencyKey = null, ...rest } = input
  const fingerprint = idempotencyKey === null ? null : fingerprintOf(operation, { ...rest, contentHash })
  return { tenant, id: newId(), operation, idempotencyKey, fingerprint }
}

/** Those that the request's profile type has. */
async function attributesOf(db: Queryable, tenant: string, { profileType }: ProfileUpsertOptions): Promise<string[]> {
  const types = await readProfileTypes(db, tenant)
  const type = types.find(({ name }) => name === (profileType ?? defaultProfileType))
  return type?.attributes.map(({ name }) => name) ?? []
}

/** What is known beforehand of what the records use: the header of a CSV file names fields. */
function usesBefore(
  { header }: ReadyUpload,
  columns: readonly ColumnMappingInput[] | null,
  { nulls }: ProfileUpsertOptions,
) {
  return header === null ? profileRequests.usesOf([], nulls) : usesOfColumns(header, columns)
}

function uploadNotFound(uploadId: string): ImportResult {
  const message = `There is no upload ${shownName(uploadId)}: send the file to POST /uploads, and name the uploadId that it answers`
  return { kind: 'notFound', message }
}
