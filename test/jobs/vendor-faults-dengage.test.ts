import { expect } from 'vitest'
import { answerFault, lengthFaults, lineFaults, statusFault } from '../support/call-faults.ts'
import {
  type CaseRun,
  describeFaults,
  expectEndings,
  expectRules,
  type FaultGroup,
  runOf,
  type VendorFaults,
  vendorFaults,
} from '../support/describe-faults.ts'
import { dengageAccount } from '../support/fault-accounts.ts'
import { batchOf, batchSize, type CallFault, type Effect, expectedEnding } from '../support/fault-rules.ts'
import type { FaultReport } from '../support/fault-stands.ts'

const contacts = dengageAccount.path

const faults: CallFault[] = [
  // Logs in again, once, and repeats the call itself.
  ...lineFaults([{ ...statusFault(401, { effect: 'again' }), isAlike: true }]),
  // A key in none of its lists says nothing (vendor-codes) but under UPDATE_ONLY, where it is how D·engage tells that there is no contact.
  ...lengthFaults('untold', 'none').map((one): CallFault => {
    return one.fault.kind === 'length' && one.fault.by < 0 ? { ...one, exceptUnder: ['UPDATE_ONLY'] } : one
  }),
]
const lasting = (some: readonly CallFault[]) =>
  some.filter(({ name }) => /HTTP (400|401|403|429|500)$|cut off/.test(name))

const dengage: VendorFaults = {
  ...dengageAccount,
  modes: [
    { mode: 'CREATE_OR_UPDATE', thoroughly: true },
    { mode: 'UPDATE_ONLY', thoroughly: false },
  ],
  saysWhich: true,
  notFound: 'SKIPPED',
  faults,
  ownFaults: [
    answerFault(400, { code: 1, message: 'Column does not exist: name' }, 'refused', 'UNKNOWN_ATTRIBUTE'),
    answerFault(400, { code: 1, message: 'The body is not JSON.' }, 'refused', 'DESTINATION_REJECTED'),
    answerFault(403, { code: 10, message: 'The operation is not allowed.' }, 'ends', 'DESTINATION_FORBIDDEN'),
    answerFault(400, { code: 11, message: 'gsm value is invalid.' }, 'halved'),
    answerFault(500, { code: 999, message: 'UnexpectedError' }, 'unclear'),
    answerFault(200, { code: 999 }, 'unclear'),
    answerFault(400, { code: 77 }, 'refused', 'DESTINATION_REJECTED'),
    answerFault(503, { code: 77 }, 'unclear'),
    answerFault(200, { code: 0, message: 'Successful' }, 'unclear'),
  ],
  lastingFaults: lasting(lineFaults([{ ...statusFault(401), calls: 'several' }])),
}

// A login writes nothing: what goes wrong with it is certain, and worth another try unless it is refused. It is met by a call whose token
// has expired.
const loginFaults = lineFaults().map((one): CallFault => {
  const isRefused = one.fault.kind === 'status' && one.fault.status === 400
  if (isRefused) return { ...one, effect: 'ends', code: 'DESTINATION_AUTH' }
  return one.effect === 'unclear' || one.effect === 'none' ? { ...one, effect: 'again', applied: false } : one
})
const loggingIn: VendorFaults = { ...dengage, logsIn: true }
const loginRun = (one: CallFault, call: number, lasts: boolean): CaseRun => {
  const run = runOf(loggingIn, one, { mode: 'CREATE_OR_UPDATE', path: '/rest/login', call, nth: 1, lasts })
  const expired = { match: { path: contacts, nth: call }, fault: { kind: 'status', status: 401 } } as const
  return { ...run, faults: [expired, ...run.faults] }
}
const logins: FaultGroup = {
  title: 'D·engage, when the token has expired',
  what: 'login of call',
  runs: [
    ...loginFaults.map((one, number) => loginRun(one, 1 + (number % 3), false)),
    ...lasting(loginFaults).map((one, number) => loginRun(one, 1 + (number % 2), true)),
  ],
  check: expectRules(loggingIn),
}

// D·engage sets the status of a changed address active, so that a record which states PASSIVE takes two calls: batch n is sent by call
// 2n - 1, and its statuses by call 2n. The record is written by then, whatever becomes of the second call.
const passive: VendorFaults = {
  ...dengage,
  extras: (key, version) => ({
    email: `${version}-${key}@example.com`,
    emailPermission: true,
    emailStatus: 'PASSIVE',
  }),
}

/** Whoever is not warned is passive, as it states. */
function expectStatuses({ endings, results, profiles }: FaultReport, warned: readonly number[], stored: unknown): void {
  const written = endings.flatMap(({ stored: what }, index) => (what === 'sent' ? [index] : []))
  const warnings = results.flatMap(({ index, warnings: some }) =>
    some.some(({ code, field }) => code === 'STATUS_REACTIVATED' && field === 'emailStatus') ? [index] : [],
  )
  expect(warnings).toEqual(warned.filter((index) => written.includes(index)))
  for (const index of written) {
    const [profile] = profiles[index] ?? []
    expect(profile?.['email_status'], `record ${index}`).toBe(warnings.includes(index) ? stored : 'P')
  }
}

const writing: FaultGroup = {
  title: 'D·engage, of records that take two calls',
  what: 'writing call',
  runs: faults
    .filter(({ effect, effectOnLast }) => (effect === 'unclear' || effect === 'again') && effectOnLast === undefined)
    .map((one, number) => {
      const call = 1 + (number % 3)
      return runOf(passive, one, { mode: 'CREATE_OR_UPDATE', call, nth: 2 * call - 1 })
    }),
  check(run, report) {
    const expected = report.endings.map((_, index) => ({ ...expectedEnding(run, passive, index), calls: 'several' }))
    expectEndings(report, expected)
    expectStatuses(report, [], null)
  },
}

const restoring: FaultGroup = {
  title: 'D·engage, of records that take two calls',
  what: 'status-only call',
  runs: [
    ...faults.map((one, number) => {
      const call = 1 + (number % 3)
      return runOf(passive, one, { mode: number % 2 === 0 ? 'CREATE_OR_UPDATE' : 'UPDATE_ONLY', call, nth: 2 * call })
    }),
    ...lasting(lineFaults([{ ...statusFault(401), calls: 'several' }])).map((one, number) => {
      const call = 1 + (number % 2)
      return runOf(passive, one, { mode: 'CREATE_OR_UPDATE', call, nth: 2 * call, lasts: true })
    }),
  ],
  check(run, report) {
    const { call, lasts, effect, effectOnLast, applied } = run
    const isLost = (one: Effect) => one !== 'none' && (lasts || (one !== 'again' && one !== 'unclear'))
    const warned = report.endings.flatMap((_, index) => {
      const own = index % batchSize === batchSize - 1 ? (effectOnLast ?? effect) : effect
      return batchOf(index) === call && isLost(own) ? [index] : []
    })
    expectStatuses(report, warned, applied ? 'P' : 'A')
    // The record is written: what is refused in its status is the next batch's to meet.
    const goesOn = effect === 'refused' || effect === 'ends'
    const expected = report.endings.map((_, index) => {
      if (lasts && batchOf(index) > call) {
        return expectedEnding({ ...run, call: goesOn ? call + 1 : call }, passive, index, 'none')
      }
      const ending = expectedEnding({ ...run, lasts: false, effect: 'none', effectOnLast: 'none' }, passive, index)
      return { ...ending, calls: ending.stored === 'sent' ? 'several' : 'one' }
    })
    expectEndings(report, expected)
  },
}

describeFaults([vendorFaults('D·engage', dengage), logins, writing, restoring])
