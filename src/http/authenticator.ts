import { createHash, timingSafeEqual } from 'node:crypto'
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose'
import type { ApiKey, JwtSettings, Scope } from '../config-settings.ts'

/** Who a request comes from. */
export interface Identity {
  tenant: string
  scopes: ReadonlySet<Scope>
  /** When a token ends, in milliseconds since 1970; null is never. */
  expiresAt: number | null
}

/** The credentials are missing or not good. The message says which, and never quotes them. */
export class Unauthenticated extends Error {
  override name = 'Unauthenticated'
}

export interface Authenticator {
  /** No credentials are asked for; only this machine may then reach the gateway. */
  readonly keyless: boolean
  /**
   * Tells whose the value of an Authorization header is. Throws Unauthenticated; any other error means that the identity provider's
   * keys could not be read, and says nothing about the credentials.
   */
  authenticate(authorization: string | undefined): Promise<Identity>
}

const allScopes: readonly Scope[] = ['read', 'write', 'admin']
const tenantText = /^[^\p{C}\s](?:[^\p{C}]{0,98}[^\p{C}\s])?$/u

// Signatures only: with a shared secret, whoever can check a token could also make one.
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']

const howTo =
  'send the header Authorization: Bearer <API key or token> (over WebSocket: connectionParams.authorization)'

export function createAuthenticator({
  apiKeys,
  jwt,
}: {
  apiKeys: readonly ApiKey[]
  jwt: JwtSettings | null
}): Authenticator {
  const keyless = apiKeys.length === 0 && jwt === null
  const verifyToken = jwt ? tokenVerifier(jwt) : null

  return {
    keyless,
    async authenticate(authorization) {
      if (keyless) return { tenant: 'default', scopes: new Set(allScopes), expiresAt: null }
      if (!authorization) throw new Unauthenticated(`Credentials are missing: ${howTo}`)
      const credential = /^Bearer +([\x21-\x7e]+) *$/i.exec(authorization)?.[1]
      if (credential === undefined) throw new Unauthenticated(`The credentials cannot be read: ${howTo}`)

      const hash = createHash('sha256').update(credential).digest()
      let found: ApiKey | null = null
      // Every key is compared, so that the time taken tells nothing about which one came near.
      for (const key of apiKeys) if (timingSafeEqual(key.hash, hash)) found = key
      if (found) return { tenant: found.tenant, scopes: new Set(found.scopes), expiresAt: null }

      if (verifyToken && credential.split('.').length === 3) return await verifyToken(credential)
      throw new Unauthenticated('The credentials are not known here: check the API key')
    },
  }
}

function tokenVerifier({ jwksUrl, issuer, audience, tenantClaim, scopeClaim }: JwtSettings) {
  const keys = createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: 5000 })
  return async (token: string): Promise<Identity> => {
    const payload = await verified(() => jwtVerify(token, keys, { issuer, audience, algorithms, clockTolerance: 5 }))
    const tenant = payload[tenantClaim]
    if (typeof tenant !== 'string' || !tenantText.test(tenant)) {
      throw new Unauthenticated(`The token names no tenant: its claim ${tenantClaim} must be a string`)
    }
    const granted = payload[scopeClaim]
    const names = typeof granted === 'string' ? granted.split(/\s+/) : Array.isArray(granted) ? granted : []
    return {
      tenant,
      scopes: new Set(allScopes.filter((scope) => names.includes(scope))),
      expiresAt: payload.exp === undefined ? null : payload.exp * 1000,
    }
  }
}

/** The faults of a token, in words that tell its holder what to do; those of the key set pass as they are. */
async function verified(verify: () => Promise<{ payload: JWTPayload }>): Promise<JWTPayload> {
  try {
    return (await verify()).payload
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw new Unauthenticated('The token has expired: get a new one')
    if (error instanceof errors.JWTClaimValidationFailed) {
      throw new Unauthenticated(`The token is not meant for this gateway: its claim ${error.claim} does not fit`)
    }
    const isTokensFault =
      error instanceof errors.JWTInvalid ||
      error instanceof errors.JWSInvalid ||
      error instanceof errors.JWSSignatureVerificationFailed ||
      error instanceof errors.JOSEAlgNotAllowed ||
      error instanceof errors.JOSENotSupported ||
      error instanceof errors.JWKSNoMatchingKey ||
      error instanceof errors.JWKSMultipleMatchingKeys
    if (isTokensFault) throw new Unauthenticated('The token cannot be verified with the keys of its issuer')
    throw error
  }
}
