import { expect, test, vi } from 'vitest'
import { extensionUsesOf } from '../../src/domain/check-extensions-request.ts'
import { extensionOptions } from '../domain/request-options.ts'
import { noDatabase } from '../support/adapter-bench.ts'
import { cannedAdapter } from './dengage-bench.ts'

// As it would read if the vendor said that null clears nothing.
vi.mock('../../src/adapters/dengage/readings.ts', async (original) => {
  return { ...(await original<object>()), clearingOptions: [] }
})

test('where null clears nothing, CLEAR is refused beforehand, for contacts and extensions', async () => {
  const { capabilities, extensions } = cannedAdapter([]).adapter
  expect(capabilities.profiles?.options).not.toContain('nulls')
  const asked = (nulls: 'CLEAR' | 'IGNORE') =>
    extensions?.preparer(noDatabase, 'acme', extensionOptions({ nulls }), extensionUsesOf([]))
  expect(await asked('CLEAR')).toEqual({
    ok: false,
    unsupported: { feature: 'nulls', requested: 'CLEAR', supported: ['IGNORE'] },
  })
  expect(await asked('IGNORE')).toMatchObject({ ok: true })
})
