import { answerFault, lengthFaults, lineFaults } from '../support/call-faults.ts'
import { describeFaults, type VendorFaults, vendorFaults } from '../support/describe-faults.ts'
import { altcraftAccount } from '../support/fault-accounts.ts'
import type { CallFault } from '../support/fault-rules.ts'

// Nothing says whose the results are where their number is wrong.
const faults = [
  ...lineFaults(),
  ...lengthFaults('unclear', 'unclear').map((one): CallFault => ({ ...one, effect: 'unclear' })),
]

/** By vendor-codes: an answer that can be read says by its code what became of the call, whatever its status. */
function ownFaults(format: 'json' | 'xml'): CallFault[] {
  const refusal = (status: number, error: number, ...meaning: [CallFault['effect'], CallFault['code']?]) => {
    const xml = `<xml><error>${error}</error><error_text>because</error_text></xml>`
    const body = format === 'json' ? { error, error_text: 'because' } : xml
    return answerFault(status, body, ...meaning)
  }
  return [
    refusal(200, 400, 'refused', 'DESTINATION_REJECTED'),
    refusal(400, 400, 'refused', 'DESTINATION_REJECTED'),
    refusal(200, 401, 'ends', 'DESTINATION_AUTH'),
    refusal(402, 402, 'ends', 'DESTINATION_REJECTED'),
    refusal(200, 403, 'ends', 'DESTINATION_FORBIDDEN'),
    refusal(403, 403, 'ends', 'DESTINATION_FORBIDDEN'),
    refusal(404, 404, 'refused', 'DESTINATION_REJECTED'),
    refusal(200, 429, 'again'),
    refusal(429, 400, 'again'),
    refusal(200, 440, 'refused', 'DESTINATION_REJECTED'),
    refusal(200, 500, 'refused', 'DESTINATION_REJECTED'),
    refusal(500, 500, 'refused', 'DESTINATION_REJECTED'),
    refusal(200, 0, 'unclear'),
    refusal(503, 0, 'unclear'),
  ]
}

const altcraft = (format: 'json' | 'xml'): VendorFaults => ({
  ...altcraftAccount(format),
  modes: [
    { mode: 'CREATE_OR_UPDATE', thoroughly: true },
    { mode: 'UPDATE_ONLY', thoroughly: false },
  ],
  saysWhich: false,
  notFound: 'FAILED',
  faults,
  ownFaults: ownFaults(format),
  lastingFaults: faults.filter(({ name }) => /HTTP (400|403|429|500)$|cut off/.test(name)),
})
const inXml: VendorFaults = {
  ...altcraft('xml'),
  modes: [{ mode: 'CREATE_OR_UPDATE', thoroughly: false }],
  lastingFaults: [],
  folds: true,
}

describeFaults([
  vendorFaults('Altcraft in JSON', altcraft('json')),
  vendorFaults('Altcraft in XML, of records that are folded', inXml),
])
