import { onTestFinished } from 'vitest'
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/server.ts'

/** One answer, its body parsed where it is JSON. */
export interface Answer {
  status: number
  headers: Headers
  text: string
  /** Whatever shape it has: tests look into it. */
  json: ReturnType<typeof JSON.parse>
}

export interface Call {
  method?: string
  headers?: Record<string, string>
  /** A string is sent as it is. */
  body?: unknown
}

export interface OpenSandbox extends Sandbox {
  /** Calls a path of the sandbox over HTTP: GET without a body, POST with one, unless said otherwise. */
  call(path: string, call?: Call): Promise<Answer>
}

/** A sandbox on a free port, stopped when the test ends. */
export async function openSandbox(options: Omit<SandboxOptions, 'port'> = {}): Promise<OpenSandbox> {
  const sandbox = await startSandbox({ port: 0, ...options })
  onTestFinished(() => sandbox.stop())
  return {
    ...sandbox,
    async call(path, { method, headers = {}, body } = {}) {
      const response = await fetch(sandbox.url + path, {
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: { 'content-type': 'application/json', ...headers },
        body: body === undefined || typeof body === 'string' ? (body ?? null) : JSON.stringify(body),
      })
      const text = await response.text()
      return { status: response.status, headers: response.headers, text, json: parse(text) }
    },
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
