import DataLoader from 'dataloader'

/** A profile as its referrers and look-ups name it: by its key, e-mail or phone. */
interface Name {
  tenant: string
  type: string
  value: string
}

/** Reads the profiles of a tenant with any of those names, each row with the name that it was found by. */
export type ReadProfiles<Row> = (tenant: string, names: readonly Name[]) => Promise<(Row & Found)[]>

interface Found {
  wantedType: string
  wantedValue: string
}

/** Statements under way at once; names that come meanwhile go with the next one. */
const mostAtOnce = 3

const textOf = ({ type, value }: Omit<Name, 'tenant'>) => JSON.stringify([type, value])

const asError = (thrown: unknown) => (thrown instanceof Error ? thrown : new Error(String(thrown)))

/**
 * Look-ups of all requests together: names that come while others are being read share a statement, which costs as much for one as for
 * thirty. Nothing is remembered: each name is read after it was asked for.
 */
export function createProfileLookups<Row>(read: ReadProfiles<Row>): (name: Name) => Promise<Row[]> {
  const waiting: (() => void)[] = []
  let underWay = 0

  async function readTenant(tenant: string, names: readonly Name[]): Promise<Map<string, Row[]>> {
    const distinct = new Map(names.map((name) => [textOf(name), name]))
    const rows = await read(tenant, [...distinct.values()])
    return Map.groupBy(rows, ({ wantedType, wantedValue }) => textOf({ type: wantedType, value: wantedValue }))
  }

  /** An error stands in the places of its tenant alone. */
  async function readAll(names: readonly Name[]): Promise<(Row[] | Error)[]> {
    underWay += 1
    try {
      const byTenant = [...Map.groupBy(names, ({ tenant }) => tenant)]
      const found = new Map(
        await Promise.all(
          byTenant.map(async ([tenant, some]) => [tenant, await readTenant(tenant, some).catch(asError)] as const),
        ),
      )
      return names.map((name) => {
        const rows = found.get(name.tenant)
        return rows instanceof Error ? rows : (rows?.get(textOf(name)) ?? [])
      })
    } finally {
      underWay -= 1
      waiting.shift()?.()
    }
  }

  const loader = new DataLoader(readAll, {
    cache: false,
    maxBatchSize: 1000,
    // What came in by one piece of a socket, or of several, is gathered first.
    batchScheduleFn: (begin) => {
      if (underWay < mostAtOnce) setImmediate(begin)
      else waiting.push(begin)
    },
  })
  return (name) => loader.load(name)
}
