import { readFileSync } from 'node:fs'

/** One answer of a scripted vendor. */
export interface ScriptedAnswer {
  status?: number
  headers?: Record<string, string>
  /** Text as it is, anything else as JSON. */
  body?: unknown
}

export interface ScriptedCall {
  method: string
  url: string
  headers: Record<string, string>
  /** Parsed where it is JSON. */
  body: unknown
}

/** A `fetch` that gives the answers in turn, the last one again and again, and keeps what it was asked. */
export function scriptedVendor(...answers: ScriptedAnswer[]): { fetch: typeof fetch; calls: ScriptedCall[] } {
  const calls: ScriptedCall[] = []
  return {
    calls,
    async fetch(input, init) {
      const request = new Request(input, init)
      const text = await request.text()
      calls.push({
        method: request.method,
        url: request.url,
        headers: Object.fromEntries(request.headers),
        body: text.startsWith('{') ? JSON.parse(text) : text,
      })
      const answer = answers[Math.min(calls.length, answers.length) - 1]
      if (answer === undefined) throw new TypeError('this vendor was not to be called')
      const { status = 200, headers = {}, body = '' } = answer
      return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers })
    },
  }
}

/** A file below test/fixtures, as it is. */
export const fixtureText = (path: string) => readFileSync(new URL(`../fixtures/${path}`, import.meta.url), 'utf8')
export const fixtureJson = (path: string): unknown => JSON.parse(fixtureText(path))
