import { writeFile } from 'node:fs/promises'
import { printSchema } from 'graphql'
import { schema } from './schema.ts'

const [path = 'schema/schema.graphql'] = process.argv.slice(2)
await writeFile(path, `${printSchema(schema)}\n`)
