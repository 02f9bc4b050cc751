import { createLocalAdapter } from '../../src/adapters/local/index.ts'
import { describeAdapter } from '../support/describe-adapter.ts'
import { openScratchDatabase } from '../support/scratch-database.ts'

describeAdapter(
  'local',
  async () => {
    const database = await openScratchDatabase()
    const tenant = 'acme'
    return {
      adapter: createLocalAdapter(),
      tenant,
      database,
      async stored(key) {
        const [row] = await database.query<{ first_name: string | null; last_name: string | null }>(
          'select first_name, last_name from profiles where tenant = $1 and key = $2',
          [tenant, key],
        )
        if (row === undefined) return null
        const { first_name: firstName, last_name: lastName } = row
        return { ...(firstName === null ? {} : { firstName }), ...(lastName === null ? {} : { lastName }) }
      },
      async reset() {
        await database.query('delete from profiles where tenant = $1', [tenant])
      },
      close: () => database.close(),
      remote: null,
    }
  },
  'store',
)
