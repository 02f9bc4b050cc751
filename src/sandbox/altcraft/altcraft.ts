import {
  type AnswerShape,
  createSettings,
  type SandboxClock,
  type SandboxRequest,
  type SandboxVendor,
} from '../vendor.ts'
import { getProfile, importBatch } from './methods.ts'
import { createParameters } from './parameters.ts'
import { errors, readings } from './readings.ts'
import { Refusal } from './refusal.ts'
import { type AltcraftSettingsInput, settingsSchema } from './settings.ts'
import { createStore } from './store.ts'
import { storedView } from './view.ts'
import { answerFormat, bodyFormat, readBody, writeAnswer } from './wire.ts'

const methods = {
  '/api/v1.1/profiles/import_batch': importBatch(false),
  '/api/v1.1/profiles/update_batch': importBatch(true),
  '/api/v1.1/profiles/get': getProfile,
}

/**
 * Altcraft Platform API v1.1 as far as the gateway speaks it: `profiles/import_batch`, `profiles/update_batch` and
 * `profiles/get`, JSON and XML, written from the vendor's documents; what they leave open stands in readings.ts.
 */
export function createAltcraft(clock: SandboxClock, settings?: AltcraftSettingsInput): SandboxVendor {
  const holder = createSettings(settingsSchema, settings)
  const store = createStore(clock)

  const answer = (request: SandboxRequest, shape: AnswerShape) => {
    let wanted = answerFormat(request, undefined)
    try {
      const path = request.path.replace(/\/$/, '')
      const method = Object.entries(methods).find(([known]) => known === path)?.[1]
      if (method === undefined) throw new Refusal(errors.unknownPath, 404)
      if (request.method !== 'POST') throw new Refusal(errors.notPost, 405)
      const format = bodyFormat(request)
      const parameters = createParameters(readBody(request, format, holder.current.bodyLimitBytes), format)
      wanted = answerFormat(request, parameters.values['format'])
      const body = method({ store, settings: holder.current, now: clock, request, parameters, shape })
      return writeAnswer(200, wanted, { error: errors.success.code, error_text: errors.success.text, ...body }, shape)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const status = error.status ?? (holder.current.mirrorErrorInStatus ? mirrored(error.code) : 200)
      return writeAnswer(status, wanted, { error: error.code, error_text: error.message }, shape)
    }
  }

  return {
    name: 'altcraft',
    handle: answer,
    profiles: () => store.all().map(storedView),
    configure: (change) => holder.merge(change),
    reset() {
      store.clear()
      holder.reset()
    },
  }
}

/** Codes that no HTTP status can be are 400. */
function mirrored(code: number): number {
  return code >= 400 && code <= 599 ? code : readings.unreadableStatus
}
