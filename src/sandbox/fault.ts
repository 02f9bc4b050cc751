import { z } from 'zod'
import { type AnswerShape, type SandboxRequest, type VendorName, vendorNames } from './vendor.ts'

const count = z.int().min(1)

// `before`: the vendor never sees the call. `after`: it has applied it.
const when = z.enum(['before', 'after'])

const faultSchema = z.discriminatedUnion('kind', [
  /** Answers with this status; the body is empty unless given, text as it is, anything else as JSON. */
  z.strictObject({
    kind: z.literal('status'),
    status: z.int().min(200).max(599),
    body: z.unknown().optional(),
    headers: z.record(z.string().toLowerCase(), z.string()).default({}),
    when: when.default('before'),
  }),
  /** Holds the call, or its answer, back. */
  z.strictObject({ kind: z.literal('delay'), ms: z.int().min(0).max(600_000), when: when.default('before') }),
  /** Cuts the connection without an answer. */
  z.strictObject({ kind: z.literal('drop'), when }),
  /** Applies the call and answers with its status and the first half of its body, so that nothing can read it. */
  z.strictObject({ kind: z.literal('garble') }),
  /** Applies the call and leaves out (negative) or adds that many results; an answer that lists none stays as it is. */
  z.strictObject({
    kind: z.literal('length'),
    by: z
      .int()
      .min(-1000)
      .max(1000)
      .refine((by) => by !== 0, 'must not be 0'),
  }),
  /** Writes every number of a JSON answer as a string. */
  z.strictObject({ kind: z.literal('numbersAsStrings') }),
])

export type Fault = z.output<typeof faultSchema>

const orderSchema = z.strictObject({
  vendor: z.enum(vendorNames),
  match: z
    .strictObject({
      method: z.string().toUpperCase().optional(),
      /** What the path below /<vendor> must contain. */
      path: z.string().min(1).optional(),
      /** Which of the matching calls from now on is the first to meet the fault. */
      nth: count.default(1),
      /** How many matching calls meet it, one after the other. */
      times: z.union([count, z.literal('always')], { error: 'must be a whole number from 1, or "always"' }).default(1),
    })
    .prefault({}),
  fault: faultSchema,
})

/** A fault as `POST /_sandbox/faults` takes it. */
export type FaultOrder = z.input<typeof orderSchema>

export interface Faults {
  /** Puts a fault in force from the next call on. Throws a ZodError that says what is wrong. */
  order(order: unknown): void
  clear(): void
  /** The faults that this call meets, in the order in which they were put in force; counts the call. */
  meet(vendor: VendorName, request: Pick<SandboxRequest, 'method' | 'path'>): Fault[]
}

export function createFaults(): Faults {
  let orders: { order: z.output<typeof orderSchema>; seen: number }[] = []
  return {
    order(order) {
      orders.push({ order: orderSchema.parse(order), seen: 0 })
    },
    clear() {
      orders = []
    },
    meet(vendor, { method, path }) {
      const met: Fault[] = []
      for (const entry of orders) {
        const { match, fault } = entry.order
        if (entry.order.vendor !== vendor || (match.method ?? method) !== method) continue
        if (match.path !== undefined && !path.includes(match.path)) continue
        entry.seen++
        const last = match.times === 'always' ? Number.POSITIVE_INFINITY : match.nth + match.times - 1
        if (entry.seen >= match.nth && entry.seen <= last) met.push(fault)
      }
      return met
    },
  }
}

/** What the faults ask of the vendor itself. */
export function shapeOf(faults: readonly Fault[]): AnswerShape {
  const numbersAsStrings = faults.some(({ kind }) => kind === 'numbersAsStrings')
  const lengthBy = faults.reduce((sum, fault) => sum + (fault.kind === 'length' ? fault.by : 0), 0)
  return { numbersAsStrings, lengthBy }
}
