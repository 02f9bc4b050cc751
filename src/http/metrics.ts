import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** What the process counts, in Prometheus' terms. All of it is of this process alone and since its start. */
export interface Metrics {
  readonly contentType: string
  text(): Promise<string>
  requestEnded(route: string, method: string, status: number, seconds: number): void
  jobAccepted(kind: string): void
  recordsApplied(outcome: string, records: number): void
  errorAnswered(code: string): void
  subscriptionOpened(transport: 'sse' | 'websocket'): void
  subscriptionClosed(transport: 'sse' | 'websocket'): void
  webSocketOpened(): void
  webSocketClosed(): void
}

export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'gateway_http_request_duration_seconds',
    help: 'Time from a request to the end of its answer; of a stream, to its end',
    labelNames: ['route', 'method', 'status'],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60],
    registers,
  })
  const jobs = new Counter({
    name: 'gateway_jobs_accepted_total',
    help: 'Mutations answered with a job, by kind; repetitions under one idempotency key count again',
    labelNames: ['kind'],
    registers,
  })
  const records = new Counter({
    name: 'gateway_records_applied_total',
    help: 'Records that a destination answered for, by outcome; those of a transaction that was done again count again',
    labelNames: ['outcome'],
    registers,
  })
  const errors = new Counter({
    name: 'gateway_graphql_errors_total',
    help: 'Errors in GraphQL answers, by extensions.code',
    labelNames: ['code'],
    registers,
  })
  const subscriptions = new Gauge({
    name: 'gateway_subscriptions',
    help: 'Subscriptions open now, by transport',
    labelNames: ['transport'],
    registers,
  })
  const webSockets = new Gauge({ name: 'gateway_websockets', help: 'WebSockets open now', registers })
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    requestEnded: (route, method, status, seconds) => requests.observe({ route, method, status }, seconds),
    jobAccepted: (kind) => jobs.inc({ kind }),
    recordsApplied: (outcome, applied) => records.inc({ outcome }, applied),
    errorAnswered: (code) => errors.inc({ code }),
    subscriptionOpened: (transport) => subscriptions.inc({ transport }),
    subscriptionClosed: (transport) => subscriptions.dec({ transport }),
    webSocketOpened: () => webSockets.inc(),
    webSocketClosed: () => webSockets.dec(),
  }
}
