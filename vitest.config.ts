import { configDefaults, defineConfig } from 'vitest/config'

// What nothing embedded can stand in for. test/support/announce.ts says that PostgreSQL was left out.
const forPostgresAlone = [
  'test/e2e/database-restart.test.ts',
  'test/e2e/import-kill.test.ts',
  'test/e2e/pacing.test.ts',
]

export default defineConfig({
  // Node takes graphql's `main`, Vite would take its `module`: two copies of it refuse each other's types.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    environment: 'node',
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(process.env['DATABASE_URL'] ? [] : forPostgresAlone)],
    globalSetup: ['test/support/announce.ts'],
    reporters: ['default'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    allowOnly: false,
    passWithNoTests: false,
  },
})
