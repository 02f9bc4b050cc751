import { expect } from 'vitest'
import type { Attempt } from './root-field-attempts.ts'
import { acme, anonymous, globex, nobody, source, type Tenancy } from './tenancy.ts'

/** The attempts to cancel, pause and resume a job. */
export function createJobActionAttempts({ property, read }: Tenancy): Record<string, Attempt> {
  const attempt = (field: 'cancelJob' | 'pauseJob' | 'resumeJob'): Attempt => ({
    needs: 'write',
    variables: { id: property.jobId },
    async finds() {
      const said = async (id: string) => anonymous(await read(globex, source[field], { id }), id)
      const ofNobody = await said(nobody.jobId)
      expect(ofNobody).toMatchObject({ [field]: { __typename: 'NotFoundError' } })
      for (const id of [property.jobId, property.profileId, nobody.profileId]) expect(await said(id)).toEqual(ofNobody)
      const own = await read(acme, source[field], { id: property.jobId })
      expect(own).toMatchObject({ [field]: { __typename: 'InvalidStateError', state: 'SUCCEEDED' } })
    },
  })
  return {
    'Mutation.cancelJob': attempt('cancelJob'),
    'Mutation.pauseJob': attempt('pauseJob'),
    'Mutation.resumeJob': attempt('resumeJob'),
  }
}
