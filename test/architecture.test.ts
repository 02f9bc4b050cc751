import { cruise, type ICruiseResult } from 'dependency-cruiser'
import extractDepcruiseOptions from 'dependency-cruiser/config-utl/extract-depcruise-options'
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config'
import { expect, it } from 'vitest'

it('keeps the direction of imports', async () => {
  const options = await extractDepcruiseOptions('./.dependency-cruiser.mjs')
  const { output } = await cruise(['src'], options, undefined, { tsConfig: extractTSConfig('tsconfig.json') })
  const { modules, summary } = output as ICruiseResult
  const comments = new Map(options.ruleSet?.forbidden?.map((rule) => [rule.name, rule.comment]))
  const broken = summary.violations.map(
    ({ rule, from, to }) => `${rule.name}: ${from} → ${to}\n  ${comments.get(rule.name)}`,
  )
  expect(broken, broken.join('\n')).toHaveLength(0)
  expect(modules.some((module) => module.source === 'src/db/schema/profiles.ts')).toBe(true)
})
