const defaultPort = 4100

/** SANDBOX_PORT, 4100 without one; 0 picks a free one. Throws when it is no port. */
export function readSandboxPort(environment: NodeJS.ProcessEnv = process.env): number {
  const { SANDBOX_PORT: text = '' } = environment
  if (text === '') return defaultPort
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  throw new Error(`SANDBOX_PORT is no port: give a whole number from 0 to 65535, or leave it out for ${defaultPort}`)
}
