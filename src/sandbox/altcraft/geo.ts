import type { Json } from './json.ts'

interface Place {
  country: string
  region: string
  city: string
  postalCode: string
  zone: string
}

// A few addresses of the ranges set aside for documentation (RFC 5737) and loopback: real ones would need a real table.
const places: Readonly<Record<string, Place>> = {
  '192.0.2': { country: 'RU', region: 'Moscow', city: 'Moscow', postalCode: '101000', zone: 'Europe/Moscow' },
  '198.51.100': { country: 'ES', region: 'Madrid', city: 'Madrid', postalCode: '28001', zone: 'Europe/Madrid' },
  '203.0.113': { country: 'TR', region: 'Istanbul', city: 'Istanbul', postalCode: '34000', zone: 'Europe/Istanbul' },
}

/**
 * What `detect_geo` would fill in from the addresses of an item: the registration's place from `_regip`, the present
 * one from `_ip`. Empty for unknown addresses.
 */
export function detectedPlace(registrationIp: Json | undefined, ip: Json | undefined): [name: string, value: Json][] {
  const registration = placeOf(registrationIp)
  const present = placeOf(ip)
  return [
    ...(registration === undefined
      ? []
      : ([
          ['_regcountry', registration.country],
          ['_regcity', registration.city],
        ] satisfies [string, Json][])),
    ...(present === undefined
      ? []
      : ([
          ['_country', present.country],
          ['_region', present.region],
          ['_city', present.city],
          ['_postal_code', present.postalCode],
          ['_tz', present.zone],
        ] satisfies [string, Json][])),
  ]
}

function placeOf(ip: Json | undefined): Place | undefined {
  const network = typeof ip === 'string' ? ip.split('.').slice(0, 3).join('.') : ''
  return Object.hasOwn(places, network) ? places[network] : undefined
}
