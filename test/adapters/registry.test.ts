import { expect, test } from 'vitest'
import { createRegistry } from '../../src/adapters/registry.ts'
import { createCountingAdapter } from '../support/counting-adapter.ts'

const adapters = [createCountingAdapter('local'), createCountingAdapter('vendor')]

test('every tenant has local first, listed or not, and only its own destinations', () => {
  const registry = createRegistry({
    adapters,
    destinations: new Map([
      [
        'acme',
        [
          { id: 'shop', adapter: 'vendor' },
          { id: 'local', adapter: 'local' },
        ],
      ],
    ]),
  })
  expect(registry.all('acme').map((destination) => destination.id)).toEqual(['local', 'shop'])
  expect(registry.all('other').map((destination) => destination.id)).toEqual(['local'])
  expect(registry.find('acme', 'shop')?.adapter.name).toBe('vendor')
  expect(registry.find('other', 'shop')).toBeUndefined()
})

test('a destination of an unknown adapter is refused with the known ones', () => {
  const destinations = new Map([['acme', [{ id: 'shop', adapter: 'nobody' }]]])
  expect(() => createRegistry({ adapters, destinations })).toThrow(
    'tenants.acme.destinations: "shop" has no adapter "nobody": use one of local, vendor',
  )
})
