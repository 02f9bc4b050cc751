import { expect } from 'vitest'
import type { Attempt } from './root-field-attempts.ts'
import { acme, anonymous, as, globex, onlyAcme, source, type Tenancy } from './tenancy.ts'

interface Upserted {
  bulkUpsertExtensions: {
    __typename: string
    job?: {
      id: string
      results: { nodes: { outcome: string; profileId: string | null; errors: { code: string }[] }[] }
    }
    message?: string
  }
}

/** The attempts at the root fields of extensions. */
export function createExtensionAttempts({ gateway, property, read }: Tenancy): Record<string, Attempt> {
  const upsert = async (input: Record<string, unknown>, asker = globex) =>
    (await read<Upserted>(asker, source.bulkUpsertExtensions, { input })).bulkUpsertExtensions
  const own = { key: 'ada', channel: 'EMAIL', address: 'ada@work.example.com' }

  return {
    'Mutation.bulkUpsertExtensions': {
      needs: 'write',
      variables: { input: { extensions: [{ ...own, permission: true }] } },
      async finds() {
        const codeOf = async (extension: object, upsertMode = 'CREATE_OR_UPDATE') => {
          const { job } = await upsert({ upsert: upsertMode, extensions: [extension] })
          return job?.results.nodes.map(({ outcome, profileId, errors }) => [outcome, profileId, errors[0]?.code])
        }
        // Acme's profile is nobody here, as one to write to and as one to move to.
        const [address] = onlyAcme.extensions ?? []
        const strange = { key: 'only-acme', channel: address?.channel, address: address?.address }
        for (const mode of ['CREATE_ONLY', 'CREATE_OR_UPDATE', 'UPDATE_ONLY']) {
          expect(await codeOf(strange, mode)).toEqual([['FAILED', null, 'PROFILE_NOT_FOUND']])
        }
        expect(await codeOf({ ...own, newKey: 'only-acme' }, 'UPDATE_ONLY')).toEqual([
          ['FAILED', null, 'NEW_KEY_NOT_FOUND'],
        ])
        // The namesake's extension is changed, and acme's is not.
        expect(await codeOf({ ...own, permission: false })).toEqual([
          ['UPDATED', expect.not.stringContaining(property.profileId), undefined],
        ])
        const typed = (profileType: string) => upsert({ profileType, extensions: [own] })
        expect(anonymous(await typed('secret'), 'secret')).toEqual(anonymous(await typed('nosuch'), 'nosuch'))
        const named = (name: string) => upsert({ extensions: [{ ...own, name }] })
        expect(anonymous(await named('acme only'), 'acme only')).toEqual(anonymous(await named('nosuch'), 'nosuch'))
        // The same key for the same input makes a job of its own.
        const input = { idempotencyKey: 'extensions of both', extensions: [own] }
        const [mine, theirs] = [await upsert(input), await upsert(input, as('initech-all'))]
        expect(mine.job?.id).not.toBe(theirs.job?.id)
      },
    },
    'Mutation.defineExtensionType': {
      needs: 'admin',
      variables: { input: { channel: 'EMAIL', name: 'intruding' } },
      async finds() {
        const initech = as('initech-all')
        const input = { channel: 'EMAIL', name: 'acme only' }
        const { data } = await gateway.request(source.defineExtensionType, { input }, initech)
        expect(data).toMatchObject({ defineExtensionType: { __typename: 'ExtensionTypePayload' } })
        expect(await read(initech, source.extensionTypes)).toEqual({ extensionTypes: [input] })
        expect(await read(acme, source.extensionTypes)).toEqual({ extensionTypes: [input] })
        expect(await read(globex, source.extensionTypes)).toEqual({ extensionTypes: [] })
      },
    },
  }
}
