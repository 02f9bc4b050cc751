import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { acceptedImport, importProfiles, lineResults, type SentFile, sendFile } from '../support/imports.ts'
import { endedJobs } from '../support/jobs.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await openGateway()
})
afterAll(() => gateway.close())

const minute = { timeout: 60_000 }
const names = (count: number, length: number) =>
  Array.from({ length: count }, (_, place) => `${place}-`.padEnd(length, 'x'))
/** A thousand rows with the same text in each of these columns. */
const table = (columns: readonly string[], text: string): SentFile => {
  const row = `,${Array.from(columns, () => text).join(',')}\n`
  const rows = Array.from({ length: 1000 }, (_, place) => `T-${place}${row}`)
  return { format: 'CSV', content: `key,${columns.join(',')}\n${rows.join('')}`, gzip: true }
}

describe('records with a thousand errors each', () => {
  const errors = { length: 10, 9: { message: expect.stringMatching(/[.] The record has 990 errors more$/) } }

  test('are counted one by one, and are told ten errors each, of an import', minute, async () => {
    const uploadId = await sendFile(gateway, table(names(1000, 60), '1'))
    const { id } = await acceptedImport(gateway, { uploadId, waitSeconds: 0 })
    const [job] = await endedJobs(gateway, [id], 60_000)
    expect(job).toMatchObject({ state: 'FAILED', progress: { total: 1000, processed: 1000, failed: 1000 } })
    const results = await lineResults(gateway, id)
    expect(results).toHaveLength(1000)
    for (const result of results) expect(result).toMatchObject({ outcome: 'FAILED', errors })
  })

  test('are named in the refusal of a mutation, with ten errors each', minute, async () => {
    const attributes = Object.fromEntries(names(1000, 80).map((name) => [name, 1]))
    const profiles = Array.from({ length: 300 }, (_, place) => ({ key: `M-${place}`, attributes }))
    const { data } = await gateway.request<{ refused: { records: object[] } }>(
      `mutation ($input: BulkUpsertProfilesInput!) {
        refused: bulkUpsertProfiles(input: $input) {
          __typename
          ... on InvalidRecordsError { totalInvalid records { index errors { code message field } } }
        }
      }`,
      { input: { onInvalid: 'REJECT_ALL', profiles } },
    )
    expect(data?.refused).toMatchObject({ __typename: 'InvalidRecordsError', totalInvalid: 300 })
    for (const record of data?.refused.records ?? []) expect(record).toMatchObject({ errors })
    expect(data?.refused.records).toHaveLength(300)
  })

  test('are told ten of what cannot be stored anywhere, too', minute, async () => {
    const attributes = Object.fromEntries(names(1000, 10).map((name) => [name, 'a\0']))
    const content = `${JSON.stringify({ key: 'N-1', attributes })}\n`.repeat(1000)
    const uploadId = await sendFile(gateway, { format: 'NDJSON', content, gzip: true })
    const { id } = await acceptedImport(gateway, { uploadId, waitSeconds: 0 })
    await endedJobs(gateway, [id], 60_000)
    for (const result of await lineResults(gateway, id)) expect(result).toMatchObject({ outcome: 'FAILED', errors })
  })
})

describe('a small file that would become a very large one', () => {
  test('is refused for control characters, each of which JSON writes with six', minute, async () => {
    await expect(sendFile(gateway, table(['firstName'], '\u0001'.repeat(12_000)))).rejects.toThrow(
      /LIMIT_EXCEEDED.*records from line 2 on are more than 67108864 bytes together, each control character counted as six/,
    )
    await expect(sendFile(gateway, table(['firstName'], '\t'.repeat(12_000)))).resolves.toBeTypeOf('string')
  })

  test(
    'is refused for the names of its columns, unless they are left out or mapped to shorter ones',
    minute,
    async () => {
      const columns = names(1000, 100)
      const uploadId = await sendFile(gateway, table(columns, ''))
      expect(await importProfiles(gateway, { uploadId })).toMatchObject({
        __typename: 'InvalidInputError',
        issues: [{ path: ['input', 'columns'], message: expect.stringMatching(/bytes together, and at most 65536/) }],
      })
      const mapped = columns.map((column, place) => ({ column, field: place % 2 === 0 ? '' : `attributes.${place}` }))
      const { id } = await acceptedImport(gateway, { uploadId, columns: mapped })
      const [job] = await endedJobs(gateway, [id], 60_000)
      expect(job).toMatchObject({ state: 'SUCCEEDED', progress: { created: 1000 } })
    },
  )

  test('is taken with some control characters', async () => {
    const uploadId = await sendFile(gateway, { format: 'CSV', content: 'key,firstName\nV-1,a\u000bb\u0001\n' })
    const { id } = await acceptedImport(gateway, { uploadId })
    const [job] = await endedJobs(gateway, [id], 60_000)
    expect(job).toMatchObject({ state: 'SUCCEEDED', progress: { created: 1 } })
  })
})
