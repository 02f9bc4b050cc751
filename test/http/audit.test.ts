import { auditServer } from 'graphql-http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openGateway, type TestGateway } from '../support/gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await openGateway()
})
afterAll(() => gateway.close())

test('follows every MUST and SHOULD of GraphQL over HTTP', async () => {
  const results = await auditServer({ url: `${gateway.url}/graphql` })
  const broken = results.filter(({ status }) => status === 'error' || status === 'warn')
  expect(broken.map(({ id, name, ...result }) => `${id} ${name}: ${'reason' in result ? result.reason : ''}`)).toEqual(
    [],
  )
  expect(results.length).toBeGreaterThan(55)
})
