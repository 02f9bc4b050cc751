// Who may import whom. Each layer lists the other parts of src it may use; what is not listed is forbidden.

/** @type {Record<string, { path: string, uses: string[], comment: string }>} */
const layers = {
  contract: {
    path: '^src/contract/',
    uses: [],
    comment: 'contract is what adapters and core agree on: it imports nothing else of src.',
  },
  domain: {
    path: '^src/domain/',
    uses: ['^src/contract/'],
    comment: 'domain holds pure rules: it imports contract only.',
  },
  db: {
    path: '^src/db/',
    uses: ['^src/contract/', '^src/domain/'],
    comment: 'db holds statements: it imports contract and the types of domain only.',
  },
  jobs: {
    path: '^src/jobs/',
    uses: ['^src/contract/', '^src/domain/', '^src/db/'],
    comment:
      'jobs is the engine over db, domain and contract; adapters reach it as a registry argument, never by import.',
  },
  adapters: {
    path: '^src/adapters/',
    uses: ['^src/contract/', '^src/domain/', '^src/db/'],
    comment: 'adapters know contract and the pure rules of domain only (adapters/local also db).',
  },
  graphql: {
    path: '^src/graphql/',
    uses: ['^src/contract/', '^src/domain/', '^src/jobs/', '^src/db/'],
    comment: 'graphql translates: it imports jobs, domain and contract only (graphql/context.ts also db).',
  },
  http: {
    path: '^src/http/',
    uses: ['^src/contract/', '^src/domain/', '^src/jobs/', '^src/graphql/', '^src/config[a-z-]*[.]ts$'],
    comment: 'http carries the API: it imports graphql, jobs, domain, contract and the types of config only.',
  },
  config: {
    path: '^src/config[a-z-]*[.]ts$',
    uses: ['^src/contract/', '^src/domain/'],
    comment: 'config reads settings: it imports contract and domain only.',
  },
  sandbox: {
    path: '^src/sandbox/',
    uses: [],
    comment:
      'sandbox emulates the vendors from their documents: it imports nothing of src but itself, least of all adapters.',
  },
  cli: {
    path: '^src/cli/',
    uses: [],
    comment:
      'cli commands are clients of the GraphQL API: they import nothing of src but cli (src/main.ts may be started as a process).',
  },
}

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...Object.entries(layers).map(([name, { path, uses, comment }]) => ({
      name: `${name}-imports`,
      comment,
      severity: 'error',
      from: { path },
      to: { path: '^src/', pathNot: [path, ...uses] },
    })),
    {
      name: 'db-takes-only-types-of-domain',
      comment: 'db may name the types of domain, but runs none of its rules.',
      severity: 'error',
      from: { path: '^src/db/' },
      to: { path: '^src/domain/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'http-takes-only-types-of-config',
      comment: 'http is handed its settings: it may import the types of config only.',
      severity: 'error',
      from: { path: '^src/http/' },
      to: { path: '^src/config[a-z-]*[.]ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'only-the-local-adapter-reads-db',
      comment: 'Of the adapters only adapters/local may import db.',
      severity: 'error',
      from: { path: '^src/adapters/', pathNot: '^src/adapters/local/' },
      to: { path: '^src/db/' },
    },
    {
      name: 'adapters-stand-alone',
      comment: 'One adapter never imports another, nor the registry that lists them.',
      severity: 'error',
      from: { path: '^src/adapters/([^/]+)/' },
      to: { path: '^src/adapters/([^/]+/|registry[.]ts$)', pathNot: '^src/adapters/$1/' },
    },
    {
      name: 'only-context-reads-db',
      comment: 'graphql/context.ts alone reads db, for the loaders; resolvers hold no SQL.',
      severity: 'error',
      from: { path: '^src/graphql/', pathNot: '^src/graphql/context[.]ts$' },
      to: { path: '^src/db/' },
    },
    {
      name: 'only-wire-calls-out',
      comment:
        'adapters/wire.ts is the only caller of vendors: no other part of the gateway opens connections of its own (lint forbids fetch).',
      severity: 'error',
      from: { path: '^src/(contract|domain|db|jobs|adapters|graphql)/', pathNot: '^src/adapters/wire[.]ts$' },
      to: { path: '^(node:)?(http|https|http2|net|tls|dgram)$|node_modules/undici/' },
    },
    {
      name: 'rules-do-no-input-or-output',
      comment: 'contract and domain do no I/O: of Node they may use crypto and util only.',
      severity: 'error',
      from: { path: '^src/(contract|domain)/' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|util)$' },
    },
    {
      name: 'statements-stand-in-db',
      comment:
        'SQL stands in db alone: no other part imports a database library, but the demo, which makes and drops the database that its gateway runs on.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(db/|cli/scratch-database.ts$)' },
      to: { path: 'node_modules/(drizzle-orm|postgres|@electric-sql/pglite)/' },
    },
    {
      name: 'nothing-imports-main',
      comment: 'main.ts joins the parts: nothing imports it.',
      severity: 'error',
      from: {},
      to: { path: '^src/main[.]ts$' },
    },
    {
      name: 'no-cycles',
      comment: 'No file imports itself by way of others.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-dev-dependencies',
      comment:
        'What the server runs with is in dependencies, not in devDependencies (cli commands are for a checkout).',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.mjs', '.js', '.json', '.d.ts'],
    },
  },
}
