import { createAltcraft } from '../../src/sandbox/altcraft/altcraft.ts'
import type { AltcraftSettingsInput } from '../../src/sandbox/altcraft/settings.ts'
import type { AnswerShape, SandboxRequest } from '../../src/sandbox/vendor.ts'

export const token = 'abcdefghijklmnqrstuvwxyz'
export const plainShape: AnswerShape = { numbersAsStrings: false, lengthBy: 0 }

export interface AltcraftAnswer {
  error: number
  error_text: string
  result: { error: number; error_text: string; profile_id?: string }[]
  data: Record<string, unknown>
}

export interface StoredProfile {
  id: string
  subscriptions: Record<string, unknown>[]
  triggers: { event: string; fired: boolean }[]
  [field: string]: unknown
}

/** The emulator alone, without HTTP. Parameters given to `call` stand beside the token and `db_id` 1. */
export function openAltcraft(settings: AltcraftSettingsInput = {}) {
  const altcraft = createAltcraft(() => Date.UTC(2026, 0, 2), settings)
  const send = async (request: Partial<SandboxRequest>, shape: AnswerShape = plainShape) =>
    altcraft.handle(
      {
        method: 'POST',
        path: '/api/v1.1/profiles/import_batch',
        query: new URLSearchParams(),
        headers: { 'content-type': 'application/json' },
        body: '',
        origin: 'http://127.0.0.1:4100',
        inFlight: [],
        ...request,
      },
      shape,
    )
  const call = async (method: string, parameters: object): Promise<AltcraftAnswer> => {
    const body = JSON.stringify({ token, db_id: 1, ...parameters })
    return JSON.parse((await send({ path: `/api/v1.1/profiles/${method}`, body })).body)
  }
  return {
    altcraft,
    send,
    call,
    xml: async (body: string) => send({ headers: { 'content-type': 'application/xml' }, body }),
    importBatch: (parameters: object) => call('import_batch', parameters),
    /** The code of each item of an import with these items, and the ids of those imported. */
    importItems: async (data: unknown[], parameters: object = {}) => {
      const { result } = await call('import_batch', { ...parameters, data })
      return { codes: result.map(({ error }) => error), ids: result.map(({ profile_id }) => profile_id), result }
    },
    stored: () => altcraft.profiles() as StoredProfile[],
  }
}
