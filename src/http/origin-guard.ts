import type { IncomingMessage, ServerResponse } from 'node:http'

export interface OriginGuard {
  /** Judges `Origin`, `Host` and `Sec-Fetch-Site` of a request or a WebSocket upgrade; answers why it must not be served, null lets it pass. */
  refuse(request: IncomingMessage): string | null
  /** Lets pages of the configured origins read the answer, and no other page. */
  allowReading(request: IncomingMessage, response: ServerResponse): void
  /** Whether this is a browser's question before a request of another origin: answered then with what is allowed. */
  answerPreflight(request: IncomingMessage, response: ServerResponse): boolean
}

const loopbackHost = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i

/**
 * Keeps web pages of other origins away. The scheme is left out of the comparison of `Origin` with `Host`: behind a proxy that ends TLS
 * the gateway does not know its own. A keyless gateway answers to loopback names only, else a page could reach it by a name of its own
 * that resolves to 127.0.0.1.
 */
export function createOriginGuard({
  keyless,
  corsOrigins,
}: {
  keyless: boolean
  corsOrigins: readonly string[]
}): OriginGuard {
  const listed = new Set(corsOrigins)

  const isSameOrigin = (origin: string, host: string) => {
    if (!URL.canParse(origin)) return false
    const { protocol, host: page } = new URL(origin)
    return URL.canParse(`${protocol}//${host}`) && new URL(`${protocol}//${host}`).host === page
  }

  return {
    refuse({ headers }) {
      const { origin, host } = headers
      if (keyless && !loopbackHost.test(host ?? '')) {
        return 'Without credentials the gateway answers to localhost, 127.0.0.1 and [::1] only: check the Host header'
      }
      if (origin !== undefined) {
        if (listed.has(origin) || (host !== undefined && isSameOrigin(origin, host))) return null
        return 'Pages of this origin may not use the gateway: list the origin in corsOrigins'
      }
      // Browsers leave Origin out of a plain GET, as an image or a script makes it; following a link is harmless.
      const site = headers['sec-fetch-site']
      if ((site === 'cross-site' || site === 'same-site') && headers['sec-fetch-mode'] !== 'navigate') {
        return 'Pages of other origins may not use the gateway: list their origins in corsOrigins'
      }
      return null
    },

    allowReading({ headers: { origin } }, response) {
      if (listed.size === 0) return
      response.setHeader('vary', 'Origin')
      if (origin === undefined || !listed.has(origin)) return
      response.setHeader('access-control-allow-origin', origin)
      response.setHeader('access-control-expose-headers', 'retry-after')
    },

    answerPreflight({ method, headers }, response) {
      if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) return false
      response.writeHead(204, {
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers': 'authorization, content-type, content-encoding',
        'access-control-max-age': '600',
      })
      response.end()
      return true
    },
  }
}
