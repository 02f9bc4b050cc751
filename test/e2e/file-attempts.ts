import { expect } from 'vitest'
import { importProfiles, ndjson, sendFile } from '../support/imports.ts'
import type { Attempt } from './root-field-attempts.ts'
import { acme, anonymous, globex, nobody, onlyAcme, source, type Tenancy } from './tenancy.ts'

/** The attempts at uploads, at the failed records of a job, and at what a dry run tells. */
export function createFileAttempts({ gateway, property, read }: Tenancy): Record<string, Attempt> {
  return {
    'Mutation.importProfiles': {
      needs: 'write',
      variables: { input: { uploadId: nobody.jobId } },
      async finds() {
        const uploadId = await sendFile(gateway, ndjson([onlyAcme]), acme)
        const said = async (id: string) => anonymous(await importProfiles(gateway, { uploadId: id }, globex), id)
        const ofNobody = await said('0198b6f0-0000-7000-8000-000000000000')
        expect(ofNobody).toMatchObject({ __typename: 'NotFoundError' })
        expect(await said(uploadId)).toEqual(ofNobody)
      },
    },
    'Mutation.retryJob': {
      needs: 'write',
      variables: { input: { jobId: property.jobId } },
      async finds() {
        const said = async (jobId: string) =>
          anonymous(await read(globex, source.retryJob, { input: { jobId } }), jobId)
        const ofNobody = await said(nobody.jobId)
        expect(ofNobody).toMatchObject({ retryJob: { __typename: 'NotFoundError' } })
        for (const id of [property.jobId, property.profileId]) expect(await said(id)).toEqual(ofNobody)
        const own = await read(acme, source.retryJob, { input: { jobId: property.jobId } })
        expect(own).toMatchObject({ retryJob: { __typename: 'InvalidInputError' } })
      },
    },
    'Query.planBulkUpsertProfiles': {
      needs: 'read',
      variables: { input: { profiles: [{ key: 'ada' }] } },
      async finds() {
        const planned = (input: object) => read(globex, source.planBulkUpsertProfiles, { input })
        const byId = async (profileId: string) =>
          anonymous(await planned({ matching: 'PROFILE_ID', profiles: [{ profileId, lastName: 'x' }] }), profileId)
        expect(await byId(property.profileId)).toEqual(await byId(nobody.profileId))
        expect(await planned({ profiles: [{ key: 'only-acme' }] })).toMatchObject({
          planBulkUpsertProfiles: { deliveries: [{ wouldCreate: 1, wouldUpdate: 0 }] },
        })
      },
    },
  }
}
