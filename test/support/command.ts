import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** A command of src/cli that runs as a process of its own. */
export interface RunningCommand {
  readonly ended: Promise<CommandEnd>
  /** Resolves to the output so far once the pattern is found in it so often; rejects when it ends without that. */
  until(pattern: RegExp, times?: number): Promise<string>
  signal(signal: NodeJS.Signals): void
}

export interface CommandEnd {
  code: number | null
  stdout: string
  stderr: string
}

export interface CommandOptions {
  environment?: Record<string, string>
  /** What standard input gives; left open where it is not said. */
  input?: string
}

/** Starts `src/cli/<name>.ts` with nothing but the given environment; what is left of it ends with the test. */
export function startCommand(
  name: string,
  parameters: readonly string[],
  { environment = {}, input }: CommandOptions = {},
): RunningCommand {
  const module = fileURLToPath(new URL(`../../src/cli/${name}.ts`, import.meta.url))
  const child = spawn(process.execPath, [module, ...parameters], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: 'pipe',
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const output = { stdout: '', stderr: '' }
  const waiting: (() => void)[] = []
  for (const from of ['stdout', 'stderr'] as const) {
    child[from].setEncoding('utf8').on('data', (text: string) => {
      output[from] += text
      for (const look of waiting) look()
    })
  }
  // It may end before it has read all.
  child.stdin.on('error', () => {})
  if (input !== undefined) child.stdin.end(input)
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...output }))
  return {
    ended,
    until(pattern, times = 1) {
      const found = Promise.withResolvers<string>()
      const look = () => {
        const all = output.stdout + output.stderr
        if ([...all.matchAll(new RegExp(pattern, 'g'))].length >= times) found.resolve(all)
      }
      waiting.push(look)
      look()
      void ended.then(() => found.reject(new Error(`it ended without ${pattern}:\n${output.stdout}${output.stderr}`)))
      return found.promise
    },
    signal: (signal) => child.kill(signal),
  }
}
