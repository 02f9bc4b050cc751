import { expect, it } from 'vitest'
import { staleFiles } from './support/generated.ts'

it('keeps the generated files in step with what they are generated from', async () => {
  const stale = await staleFiles()
  expect(stale, stale.join('\n')).toHaveLength(0)
})
