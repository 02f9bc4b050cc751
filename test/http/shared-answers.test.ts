import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { acceptedJob, numberedProfiles } from '../support/jobs.ts'
import { transports } from '../support/transports.ts'

const subscribers = 40

let gateway: TestGateway
const statements: string[] = []
beforeAll(async () => {
  gateway = await openGateway({}, { onStatement: (text) => statements.push(text) })
})
afterAll(() => gateway.close())

interface Answer {
  jobStatus: { version: number; state: string; results: { totalCount: number; nodes: { key: string }[] } }
}

const document = (field: string) => `subscription ($id: ID!) {
  jobStatus(id: $id) { version state results(outcomes: [CREATED], first: 1) { totalCount nodes { ${field} } } }
}`

let loads = 0
const queuedJob = () => {
  loads += 1
  return acceptedJob(gateway, { profiles: numberedProfiles(`shared-${loads}`, 0, 8000), waitSeconds: 0 })
}

describe.each(transports)('subscribers of one job over $name', (transport) => {
  const follow = async (query: string, id: string): Promise<Answer[]> => {
    const seen: Answer[] = []
    for await (const { data, errors } of transport.subscribe<Answer, { id: string }>(gateway, query, { id }).events) {
      expect(errors).toBeUndefined()
      if (data) seen.push(data)
    }
    return seen
  }
  /** Only what an answer itself reads of the results. */
  const readings = () => statements.filter((text) => /from placed p/.test(text)).length

  it('are answered the same version by the same execution', async () => {
    const { id } = await queuedJob()
    const before = readings()
    const all = await Promise.all(Array.from({ length: subscribers }, () => follow(document('key'), id)))
    const executions = readings() - before
    const versions = new Set(all.flatMap((seen) => seen.map(({ jobStatus }) => jobStatus.version)))
    const received = all.reduce((sum, seen) => sum + seen.length, 0)
    expect(received).toBeGreaterThanOrEqual(subscribers)
    expect(executions).toBeLessThanOrEqual(versions.size)
    for (const seen of all) {
      expect(seen.at(-1)?.jobStatus).toMatchObject({ state: 'SUCCEEDED', results: { totalCount: 8000 } })
    }
  })

  it('each get what they asked for', async () => {
    const { id } = await queuedJob()
    const [keys, indexes] = await Promise.all([follow(document('key'), id), follow(document('index'), id)])
    expect(keys.at(-1)?.jobStatus.results.nodes).toEqual([{ key: expect.stringContaining('shared-') }])
    expect(indexes.at(-1)?.jobStatus.results.nodes).toEqual([{ index: 0 }])
  })
})
