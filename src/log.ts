import { type DestinationStream, type Logger, pino } from 'pino'
import type { LogLevel } from './config-settings.ts'

export type Log = Logger

/**
 * What a fault's log line tells. Only these members: drivers hang statements' parameters and rows' values on their errors, and they
 * belong to the caller.
 */
export function describeFault(fault: unknown): Record<string, unknown> {
  if (!(fault instanceof Error)) return { type: typeof fault }
  const code = 'code' in fault && (typeof fault.code === 'string' || typeof fault.code === 'number') ? fault.code : null
  return {
    type: fault.name,
    message: clip(fault.message),
    ...(code === null ? {} : { code }),
    ...(fault.stack === undefined ? {} : { stack: clip(fault.stack) }),
    ...(fault.cause === undefined ? {} : { cause: describeFault(fault.cause) }),
  }
}

const clip = (text: string) => (text.length > 4000 ? `${text.slice(0, 4000)}…` : text)

/** JSON lines on stdout, one per event; never bodies, variables or credentials. A fault in `err` or `error` is told as `describeFault` does. */
export function createLog(level: LogLevel, destination?: DestinationStream): Log {
  const options = {
    level,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    serializers: { err: describeFault, error: describeFault },
    formatters: { level: (label: string) => ({ level: label }) },
  }
  return destination ? pino(options, destination) : pino(options)
}
