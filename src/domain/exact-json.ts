/** Whether there may be a number that a double does not hold: one with 16 digits, or with an exponent. Few texts have any. */
const mayBeInexact = /[:,[]\s*-?(?:\d{16}|\d+(?:\.\d+)?[eE]|\d{8,}\.\d|\d+\.\d{8})/

/**
 * The value of a JSON text, in which a number that a double would round, or not hold at all, is its own text: every type that takes a
 * number takes its text too, and nothing of it is lost. Throws a SyntaxError, which quotes the text.
 */
export function parseExactly(text: string): unknown {
  if (!mayBeInexact.test(text)) return JSON.parse(text)
  try {
    return JSON.parse(text, keepExact)
  } catch (error) {
    // Nested so deep that only a parse without reviver comes to its end: nobody takes such a value, but each says so in its own way.
    if (error instanceof RangeError) return JSON.parse(text)
    throw error
  }
}

/** A reviver for JSON.parse, which does for each number what `parseExactly` promises. */
export function keepExact(_name: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' && context?.source !== undefined ? exactNumber(context.source) : value
}

/** The number that is written so, or what is written where that is another one. */
export function exactNumber(source: string): number | string {
  const number = Number(source)
  const printed = String(number)
  return printed === source || significantPart(printed) === significantPart(source) ? number : source
}

const numberText = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/

/** The same for all texts of one number. */
function significantPart(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = numberText.exec(text) ?? []
  const digits = whole + fraction
  let first = 0
  let end = digits.length
  while (first < end && digits[first] === '0') first += 1
  while (end > first && digits[end - 1] === '0') end -= 1
  const power = Number(exponent) - fraction.length + digits.length - end
  return first === end ? '' : `${sign}${digits.slice(first, end)}e${power}`
}
