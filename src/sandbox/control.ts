import { ZodError } from 'zod'
import type { FaultOrder } from './fault.ts'
import type { LoggedRequest } from './request-log.ts'
import { answerJson, type SandboxAnswer, type VendorName, vendorNames } from './vendor.ts'

/** What a test or a user does to the sandbox behind the vendors' backs; each has a path under `/_sandbox`. */
export interface SandboxControl {
  /** What the vendor has stored. */
  profiles(vendor: VendorName): unknown[]
  /** The vendor's calls so far, oldest first. */
  requests(vendor: VendorName): readonly LoggedRequest[]
  /** Changes settings key by key and returns all that are in force. Throws a ZodError that says what is wrong. */
  configure(vendor: VendorName, change: Record<string, unknown>): unknown
  /** Puts a fault in force from the vendor's next call on. Throws a ZodError that says what is wrong. */
  fault(order: FaultOrder): void
  clearFaults(): void
  /** Stored data, settings, request logs and faults are as at the start. */
  reset(): void
}

const root = '/_sandbox'

const routes = [
  'GET /_sandbox/<vendor>/profiles',
  'GET /_sandbox/<vendor>/requests',
  'GET and POST /_sandbox/<vendor>/settings',
  'POST and DELETE /_sandbox/faults',
  'POST /_sandbox/reset',
]

export const isControlPath = (path: string) => path === root || path.startsWith(`${root}/`)

/** Answers one call below `/_sandbox`: 400 says what is wrong with the body, 404 and 405 what is there instead. */
export function answerControl(control: SandboxControl, method: string, path: string, body: string): SandboxAnswer {
  try {
    return answerRoute(control, method, path.slice(root.length), body)
  } catch (error) {
    if (error instanceof ZodError) return refuse(400, describe(error))
    if (error instanceof SyntaxError) return refuse(400, `The body is not JSON: ${error.message}`)
    throw error
  }
}

function answerRoute(control: SandboxControl, method: string, path: string, body: string): SandboxAnswer {
  const [, first = '', second = ''] = path.split('/')
  const vendor = vendorNames.find((name) => name === first)
  const handlers = vendor ? vendorHandlers(control, vendor, second, body) : sharedHandlers(control, first, body)
  if (!handlers || path.split('/').length > (vendor ? 3 : 2)) {
    const known = first !== '' && second !== '' && !vendor ? ` The vendors are ${vendorNames.join(', ')}.` : ''
    return refuse(404, `There is nothing at ${root}${path}.${known} Served here: ${routes.join('; ')}.`)
  }
  const handler = handlers[method]
  if (!handler) return refuse(405, `${root}${path} takes ${Object.keys(handlers).join(' and ')}, not ${method}.`)
  return answerJson(200, handler() ?? { done: true })
}

type Handlers = Readonly<Record<string, () => unknown>>

function vendorHandlers(control: SandboxControl, vendor: VendorName, what: string, body: string): Handlers | null {
  switch (what) {
    case 'profiles':
      return { GET: () => control.profiles(vendor) }
    case 'requests':
      return { GET: () => control.requests(vendor) }
    case 'settings':
      return {
        GET: () => control.configure(vendor, {}),
        POST: () => control.configure(vendor, JSON.parse(body)),
      }
    default:
      return null
  }
}

function sharedHandlers(control: SandboxControl, what: string, body: string): Handlers | null {
  switch (what) {
    case 'faults':
      return { POST: () => control.fault(JSON.parse(body)), DELETE: () => control.clearFaults() }
    case 'reset':
      return { POST: () => control.reset() }
    default:
      return null
  }
}

function refuse(status: number, message: string): SandboxAnswer {
  return answerJson(status, { error: message })
}

function describe(error: ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join('.') || 'the body'}: ${message}`).join('\n')
}
