import { type Environment, type ServerProcess, startServerProcess } from './server-process.ts'

/** The vendors' emulators, as a process of their own: `<url>/webex`, `<url>/dengage`, `<url>/altcraft`. */
export interface SandboxProcess extends ServerProcess {
  /** Changes what a vendor's account is like. Rejects with what is wrong with the settings. */
  configure(vendor: string, settings: object): Promise<void>
  /** What the vendor has stored. */
  profiles(vendor: string): Promise<unknown>
}

/** Starts src/sandbox/main.ts on a free port. */
export async function startSandboxProcess(environment: Environment, signal: AbortSignal): Promise<SandboxProcess> {
  const server = await startServerProcess(
    {
      name: 'the sandbox',
      module: '../sandbox/main.ts',
      environment: { ...environment, SANDBOX_PORT: '0' },
      readLine(line, from) {
        // The last line of what it says at its start.
        const url = /(http:\S+)\/_sandbox$/.exec(line)?.[1]
        return { ...(url === undefined ? {} : { url }), complains: from === 'stderr' }
      },
    },
    signal,
  )
  const control = async (path: string, settings?: object): Promise<unknown> => {
    const response = await fetch(`${server.url}/_sandbox/${path}`, {
      signal,
      ...(settings && { method: 'POST', body: JSON.stringify(settings) }),
    })
    if (!response.ok) throw new Error(`the sandbox refused ${path}: ${await response.text()}`)
    return response.json()
  }
  return {
    ...server,
    configure: async (vendor, settings) => void (await control(`${vendor}/settings`, settings)),
    profiles: (vendor) => control(`${vendor}/profiles`),
  }
}
