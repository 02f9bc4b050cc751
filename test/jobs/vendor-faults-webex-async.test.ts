import { expect } from 'vitest'
import { lengthFaults, lineFaults, statusFault } from '../support/call-faults.ts'
import {
  type CaseRun,
  describeFaults,
  expectEndings,
  type FaultGroup,
  runOf,
  type VendorFaults,
  vendorFaults,
} from '../support/describe-faults.ts'
import { webexAccount } from '../support/fault-accounts.ts'
import { batchOf, type CallFault, expectedEnding } from '../support/fault-rules.ts'
import type { FaultReport } from '../support/fault-stands.ts'

const faults = [
  ...lineFaults([
    statusFault(498, { effect: 'ends', code: 'DESTINATION_AUTH' }),
    statusFault(499, { effect: 'unclear' }),
  ]),
  // Neither a call that is accepted nor its status has a list of results.
  ...lengthFaults('none', 'none'),
]
const lasting = faults.filter(({ name }) => /HTTP (400|403|429|500)$|cut off/.test(name))

const webex: VendorFaults = {
  ...webexAccount,
  modes: [
    { mode: 'CREATE_ONLY', thoroughly: true },
    { mode: 'CREATE_OR_UPDATE', thoroughly: false },
  ],
  saysWhich: false,
  notFound: 'FAILED',
  faults,
  ownFaults: [],
  lastingFaults: lasting,
}

/**
 * What a fault makes of records whose call Webex has taken, when it meets what is asked after the call: one batch is UNKNOWN where it is not
 * asked after again. Which one it is, and what was called by then, is a matter of time.
 */
function expectFollowUp(run: CaseRun, report: FaultReport, { isFinal = false, endsDelivery = false }): void {
  const unknown = report.endings.flatMap(({ outcome }, index) => (outcome === 'UNKNOWN' ? [batchOf(index)] : []))
  const [struck = 0, ...others] = new Set(unknown)
  expect([struck > 0, others]).toEqual([isFinal, []])
  const expected = report.endings.map(({ calls }, index) => {
    if (endsDelivery && calls === 'none') return expectedEnding({ ...run, call: 0 }, webex, index)
    const effect = batchOf(index) === struck ? 'untold' : 'none'
    return expectedEnding({ ...run, call: batchOf(index), applied: true, effect, effectOnLast: effect }, webex, index)
  })
  expectEndings(report, expected)
}

const polls = '/profilequerystatus/'
const asked: FaultGroup = {
  title: 'Webex Campaign, asked after its calls',
  what: 'poll',
  runs: faults.map((one, number) => {
    const mode = number % 2 === 0 ? 'CREATE_ONLY' : 'CREATE_OR_UPDATE'
    // A batch is asked after twice: a first time when it is pending.
    return runOf(webex, one, { mode, path: polls, call: 1 + (number % 6) })
  }),
  check(run, report) {
    const endsDelivery = run.effect === 'ends'
    expectFollowUp(run, report, { isFinal: endsDelivery || run.effect === 'refused', endsDelivery })
  },
}

const files = '/exports/'
const askedForFiles: FaultGroup = {
  title: 'Webex Campaign, asked for its error files',
  what: 'file',
  // Under these modes one record of each batch is refused, so that there is a file.
  runs: faults.map((one, number) => {
    const mode = number % 2 === 0 ? 'CREATE_ONLY' : 'UPDATE_ONLY'
    return runOf(webex, one, { mode, path: files, call: 1 + (number % 3) })
  }),
  check(run, report) {
    // One that is not there is still being written.
    const isMissing = run.fault.kind === 'status' && run.fault.status === 404
    expectFollowUp(run, report, { isFinal: !isMissing && (run.effect === 'refused' || run.effect === 'ends') })
  },
}

/** Of what Webex has taken and never tells, nobody knows; what it has never had has failed. */
const askedInVain: FaultGroup = {
  title: 'Webex Campaign, asked in vain',
  what: 'request',
  runs: lasting.flatMap((one, number) => [
    inVain(one, { mode: 'CREATE_OR_UPDATE', path: polls, call: 1 + (number % 2) }),
    inVain(one, { mode: 'CREATE_ONLY', path: files, call: 1 }),
  ]),
  check(run, report) {
    const expected = report.endings.map(({ calls }, index) => {
      if (run.effect === 'ends' && calls === 'none') return expectedEnding({ ...run, call: 0 }, webex, index)
      const untold = { ...run, call: batchOf(index), lasts: false, applied: true, effect: 'untold' } as const
      return expectedEnding(untold, webex, index)
    })
    expectEndings(report, expected)
  },
}

function inVain(one: CallFault, place: Parameters<typeof runOf>[2]): CaseRun {
  return { ...runOf(webex, one, { ...place, lasts: true }), patience: 'brief' }
}

describeFaults([vendorFaults('Webex Campaign, asynchronous', webex), asked, askedForFiles, askedInVain], {
  webex: { asynchronous: true, pendingPolls: 1 },
})
