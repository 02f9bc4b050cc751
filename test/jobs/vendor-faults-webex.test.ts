import { webexConfiguration } from '../adapters/webex-bench.ts'
import { answerFault, lengthFaults, lineFaults, statusFault } from '../support/call-faults.ts'
import {
  describeFaults,
  expectEndings,
  type FaultGroup,
  runOf,
  type VendorFaults,
  vendorFaults,
} from '../support/describe-faults.ts'
import { webexAccount } from '../support/fault-accounts.ts'
import { batchOf, type CallFault, expectedEnding } from '../support/fault-rules.ts'

const faults = lineFaults([
  statusFault(498, { effect: 'ends', code: 'DESTINATION_AUTH' }),
  statusFault(499, { effect: 'unclear' }),
])

const webex: VendorFaults = {
  ...webexAccount,
  modes: [
    { mode: 'CREATE_ONLY', thoroughly: true },
    { mode: 'CREATE_OR_UPDATE', thoroughly: true },
    { mode: 'UPDATE_ONLY', thoroughly: false },
  ],
  saysWhich: true,
  notFound: 'FAILED',
  faults: [
    ...faults,
    // Without results there is the count of updates, which under CREATE_OR_UPDATE covers them all.
    ...lengthFaults('unclear', 'none', 'untold').map((one): CallFault => {
      return one.effect === 'untold' ? { ...one, exceptUnder: ['CREATE_OR_UPDATE'] } : one
    }),
  ],
  ownFaults: [
    answerFault(200, { code: 1010, description: 'The request was not processed.' }, 'halved'),
    answerFault(200, { code: 7029, description: 'no such attribute' }, 'halved'),
    answerFault(200, { code: 3005, description: 'Invalid Profile ID' }, 'refused', 'UNKNOWN_PROFILE_TYPE'),
    answerFault(200, { code: '7031' }, 'refused', 'UNKNOWN_PROFILE_TYPE'),
    answerFault(401, { code: 430, description: 'not allowed' }, 'ends', 'DESTINATION_FORBIDDEN'),
    answerFault(401, { code: 498, description: 'expired' }, 'ends', 'DESTINATION_AUTH'),
    answerFault(200, { code: 498 }, 'ends', 'DESTINATION_AUTH'),
    answerFault(405, { code: 405 }, 'refused', 'DESTINATION_REJECTED'),
    answerFault(429, { code: 429, description: 'Throttle limit reached' }, 'again'),
    answerFault(499, { code: 499 }, 'unclear'),
    answerFault(500, { code: 500 }, 'unclear'),
    answerFault(503, { code: 4321 }, 'unclear'),
    answerFault(500, { code: 1001, description: 'Invalid input JSON' }, 'refused', 'DESTINATION_REJECTED'),
    answerFault(200, { code: 4321 }, 'refused', 'DESTINATION_REJECTED'),
    answerFault(200, {}, 'unclear'),
  ],
  lastingFaults: faults.filter(({ name }) => /HTTP (400|401|429|500)$|cut off/.test(name)),
}

/** An account with a pace of its own, whose calls are in flight together. */
const besideToken = 'webex-sandbox-beside'
const beside: VendorFaults = {
  ...webex,
  destination: (baseUrl) => ({ ...webexConfiguration, baseUrl, token: besideToken, maxConcurrency: 3 }),
}

/** The calls beside the one that meets the fault end as their own answers say. */
function callsBeside(): FaultGroup {
  const slowly = { match: { path: webex.path, times: 'always' }, fault: { kind: 'delay', ms: 60 } } as const
  const some = webex.faults.filter(({ name }) => /HTTP (400|401|403|429|500)$|cut off|short|garbled/.test(name))
  const runs = some.flatMap((one, number) =>
    (['CREATE_ONLY', 'CREATE_OR_UPDATE'] as const).map((mode) => {
      const run = runOf(beside, one, { mode, call: 1 + (number % 3) })
      return { ...run, faults: [slowly, ...run.faults] }
    }),
  )
  return {
    title: 'Webex Campaign, with calls side by side',
    runs,
    check(run, report) {
      const struck = report.struck === null ? run.call : batchOf(report.struck)
      const expected = report.endings.map(({ calls }, index) => {
        const isBeside = batchOf(index) !== struck && calls !== 'none'
        const own = isBeside ? ({ ...run, effect: 'none', effectOnLast: 'none' } as const) : run
        return expectedEnding({ ...own, call: isBeside ? batchOf(index) : struck }, webex, index)
      })
      expectEndings(report, expected)
    },
  }
}

describeFaults([vendorFaults('Webex Campaign', webex), callsBeside()], {
  webex: { tokens: [webexConfiguration.token, besideToken] },
})
