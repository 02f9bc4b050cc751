import { lineFaults, statusFault } from '../support/call-faults.ts'
import {
  type CaseRun,
  describeFaults,
  expectEndings,
  type FaultGroup,
  runOf,
  type VendorFaults,
  vendorFaults,
} from '../support/describe-faults.ts'
import { dengageAccount, webexAccount } from '../support/fault-accounts.ts'
import { batchOf, type CallFault, expectedEnding, type Manner } from '../support/fault-rules.ts'

// What may not be repeated when nobody knows whether it was applied, beside CREATE_ONLY.
const unsafe = { modes: [{ mode: 'UPDATE_ONLY', thoroughly: false }], isUnsafe: true, ownFaults: [] } as const
const lasting = (faults: readonly CallFault[]) => faults.filter(({ name }) => /HTTP (403|429|500)$|cut off/.test(name))

const webexManner: Manner = { saysWhich: true, notFound: 'FAILED' }
const webexFaults = lineFaults([
  statusFault(498, { effect: 'ends', code: 'DESTINATION_AUTH' }),
  statusFault(499, { effect: 'unclear' }),
])
const filters: VendorFaults = {
  ...webexAccount,
  ...webexManner,
  ...unsafe,
  matching: 'FILTER',
  goesAlone: true,
  extras: (key, version) =>
    version === 'old' ? { attributes: { crmid: key } } : { key: null, filter: [{ attribute: 'crmid', value: key }] },
  faults: webexFaults,
  lastingFaults: lasting(webexFaults),
}

const renamed = '-renamed'
const dengageFaults = lineFaults([statusFault(401, { effect: 'again' })])
const renames: VendorFaults = {
  ...dengageAccount,
  ...unsafe,
  saysWhich: true,
  notFound: 'SKIPPED',
  extras: (key, version) => (version === 'old' ? {} : { newKey: `${key}${renamed}` }),
  // Who has the new names has the new key too, and the other way round.
  read: (profile) => {
    const { key, firstName, lastName } = dengageAccount.read(profile)
    const isWhole = String(key).endsWith(renamed) === String(firstName).startsWith('new')
    return {
      key: String(key).replace(renamed, ''),
      firstName: isWhole ? firstName : `${firstName} of ${key}`,
      lastName,
    }
  },
  faults: dengageFaults,
  lastingFaults: lasting(dengageFaults),
}

// Patience ends while the vendor asks for more time than there is: what was never sent has failed, whether or not the call before it could
// be repeated.
const away = [429, 503].map((status): CallFault => {
  const one = statusFault(status)
  const fault = { kind: 'status', status, headers: { 'retry-after': '2' } } as const
  return { ...one, name: `${one.name} for two seconds`, fault }
})
const absence: FaultGroup = {
  title: 'Webex Campaign, away for longer than patience lasts',
  runs: away.flatMap((one) =>
    (['CREATE_ONLY', 'CREATE_OR_UPDATE'] as const).map((mode): CaseRun => {
      return { ...runOf(webexAccount, one, { mode, call: 1, lasts: true }), patience: 'brief' }
    }),
  ),
  check(run, report) {
    const struck = run.effect === 'unclear' ? 'untold' : 'refused'
    const expected = report.endings.map((_, index) =>
      batchOf(index) === run.call
        ? expectedEnding({ ...run, lasts: false, effect: struck, code: 'DESTINATION_UNAVAILABLE' }, webexManner, index)
        : expectedEnding({ ...run, effect: 'again' }, webexManner, index, 'none'),
    )
    expectEndings(report, expected)
  },
}

describeFaults([
  vendorFaults('Webex Campaign, of profiles found by filters', filters),
  vendorFaults('D·engage, of contacts that are renamed', renames),
  absence,
])
