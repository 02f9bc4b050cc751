/** JSON that jsonb takes: it refuses NUL and lone surrogates, which a caller's text may hold, so those become U+FFFD. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'string' ? part.toWellFormed().replaceAll('\0', '\ufffd') : part,
  )
}
