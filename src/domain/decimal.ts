/** The most digits a DECIMAL may have, before and after its point together. */
export const maxDecimalDigits = 100

const decimalText = /^([+-]?)([0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,9}))?$/
const plainInteger = /^(?:0|-?[1-9][0-9]{0,17})$/

/**
 * The canonical text of a decimal number: no leading +, no superfluous zeros, no exponent, zero without a sign, so that equal numbers have
 * equal texts. Answers `NOT_DECIMAL` for other text and `TOO_LONG` beyond `maxDecimalDigits`.
 */
export function canonicalDecimal(text: string): { text: string } | 'NOT_DECIMAL' | 'TOO_LONG' {
  if (plainInteger.test(text)) return { text }
  const parts = decimalText.exec(text)
  if (!parts) return 'NOT_DECIMAL'
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts
  if (whole === '' && fraction === '') return 'NOT_DECIMAL'
  const written = whole + fraction
  let start = 0
  let end = written.length
  while (start < end && written.charCodeAt(start) === 48) start += 1
  if (start === end) return { text: '0' }
  while (written.charCodeAt(end - 1) === 48) end -= 1
  const significant = written.slice(start, end)
  // The point stands that many digits after the start of `significant`; it may lie before its start or beyond its end.
  const point = whole.length + Number(exponent) - start
  const minus = sign === '-' ? '-' : ''
  if (Math.max(significant.length, point, significant.length - point) > maxDecimalDigits) return 'TOO_LONG'
  if (point <= 0) return { text: `${minus}0.${'0'.repeat(-point)}${significant}` }
  if (point >= significant.length) return { text: minus + significant + '0'.repeat(point - significant.length) }
  return { text: `${minus}${significant.slice(0, point)}.${significant.slice(point)}` }
}

/** Compares two canonical decimal texts exactly: negative, zero or positive. */
export function compareDecimals(left: string, right: string): number {
  if (left === right) return 0
  const leftNegative = left.charCodeAt(0) === 45
  const rightNegative = right.charCodeAt(0) === 45
  if (leftNegative !== rightNegative) return leftNegative ? -1 : 1
  return leftNegative ? compareMagnitudes(right.slice(1), left.slice(1)) : compareMagnitudes(left, right)
}

function compareMagnitudes(left: string, right: string): number {
  const leftWhole = wholeLength(left)
  const rightWhole = wholeLength(right)
  if (leftWhole !== rightWhole) return leftWhole - rightWhole
  // Same number of digits before the point and none superfluous after it: the order of the texts is that of the numbers.
  return left < right ? -1 : left > right ? 1 : 0
}

function wholeLength(text: string): number {
  const point = text.indexOf('.')
  return point < 0 ? text.length : point
}
