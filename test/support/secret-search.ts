/** What nobody may come to see, each under the name by which it is told. */
export type Secrets = Readonly<Record<string, string>>

/**
 * The texts in which a secret could stand somewhere: as it is, escaped within JSON (and JSON within JSON), XML or a URL, in hexadecimal,
 * and in base64 wherever it begins within what was encoded.
 */
export function formsOf(secret: string): Map<string, string> {
  const json = (text: string) => JSON.stringify(text).slice(1, -1)
  const bytes = Buffer.from(secret)
  const forms: [string, string][] = [
    ['as it is', secret],
    ['JSON', json(secret)],
    ['JSON within JSON', json(json(secret))],
    ['JSON with escaped slashes', json(secret).replaceAll('/', '\\/')],
    ['XML', secret.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')],
    ['URL', encodeURIComponent(secret)],
    ['URL within a URL', encodeURIComponent(encodeURIComponent(secret))],
    ['form', new URLSearchParams({ '': secret }).toString().slice(1)],
    ['hexadecimal', bytes.toString('hex')],
  ]
  for (const offset of [0, 1, 2]) {
    for (const alphabet of ['base64', 'base64url'] as const) {
      const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString(alphabet)
      // The characters at both ends hold bits of what stands beside the secret, too.
      const whole = text.slice(offset === 0 ? 0 : offset + 1, Math.floor(((offset + bytes.length) * 8) / 6))
      forms.push([`${alphabet} after ${offset} bytes`, whole])
    }
  }
  return new Map(forms)
}

/** Where a secret stands, and in which form; empty where none does. What is found is not repeated. */
export function findSecrets(places: ReadonlyMap<string, string>, secrets: Secrets): string[] {
  return Object.entries(secrets).flatMap(([name, secret]) => {
    const forms = [...formsOf(secret)]
    return [...places].flatMap(([place, text]) => {
      const found = forms.find(([, form]) => text.includes(form))
      return found ? [`${place} holds the ${name} (${found[0]})`] : []
    })
  })
}
