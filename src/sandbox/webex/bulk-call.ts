import { z } from 'zod'
import { readings } from './readings.ts'

// The parameters as the bulk page spells them. Unknown ones are refused: a stand-in that overlooks a slip of the pen
// would let the caller believe that the vendor took it.

const operators = ['Equals', 'GreaterThan', 'GreaterThanEquals', 'NotEquals', 'LessThan', 'LessThanEquals'] as const
export type Operator = (typeof operators)[number]

const operator = z.string().transform((text, context): Operator => {
  const found = operators.find(
    (one) => one === text || (readings.operatorsIgnoreCase && one.toLowerCase() === text.toLowerCase()),
  )
  if (found) return found
  context.addIssue({ code: 'custom', message: `must be one of ${operators.join(', ')}` })
  return z.NEVER
})

const attributeNames = { 'attribute-name': z.string().optional(), 'attribute-id': z.string().optional() }

const condition = z.strictObject({
  ...attributeNames,
  'rel-op': operator,
  val: z.string(),
  'logical-op': z.enum(['and', 'or']).optional(),
})

const entry = z.strictObject({
  key: z.string().min(1).optional(),
  filter: z.array(condition).min(1).optional(),
  attributes: z.array(z.strictObject({ ...attributeNames, val: z.string() })),
})

const extraParameters = Object.fromEntries(
  Array.from({ length: 10 }, (_, index) => [`exparam${index + 1}`, z.string().optional()]),
)

export const bulkCall = z.strictObject({
  'profile-id': z.string().optional(),
  'profile-name': z.string().optional(),
  upsert: z.enum(['0', '1', '2']).default('1'),
  'update-link': z.enum(['1', '2', '3']).default('2'),
  ...extraParameters,
  requests: z
    .array(entry)
    .min(1)
    .max(readings.mostRequests, `must hold at most ${readings.mostRequests} contact profiles`),
})

export type Condition = z.output<typeof condition>
export type BulkEntry = z.output<typeof entry>
/** How the attribute of a condition or of a value is named; by both, they have to agree. */
export type AttributeName = Pick<Condition, 'attribute-id' | 'attribute-name'>

export interface BulkCall {
  'profile-id'?: string | undefined
  'profile-name'?: string | undefined
  upsert: '0' | '1' | '2'
  'update-link': '1' | '2' | '3'
  requests: BulkEntry[]
}
