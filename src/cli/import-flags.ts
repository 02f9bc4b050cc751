import { parseArgs } from 'node:util'
import type {
  ImportProfilesInput,
  InvalidRecordPolicy,
  LinkPolicy,
  MatchingMode,
  NullPolicy,
  UpsertMode,
} from './generated/graphql.ts'
import { Refusal } from './refusal.ts'
import type { FileToSend } from './upload-file.ts'

export interface ImportCommand {
  file: FileToSend
  input: Omit<ImportProfilesInput, 'uploadId'>
}

/** As records, so that the compiler misses those that are left out. */
const matchingModes: Record<MatchingMode, true> = {
  KEY: true,
  PROFILE_ID: true,
  EMAIL: true,
  EMAIL_PROFILE: true,
  EMAIL_SUB: true,
  PHONE: true,
  PHONE_SUB: true,
  EMAIL_PHONE: true,
  EMAIL_PHONE_SUB: true,
  PUSH_SUB: true,
  CUSTOM: true,
  CUSTOM_SUB: true,
  FILTER: true,
}
const upsertModes: Record<UpsertMode, true> = { CREATE_OR_UPDATE: true, CREATE_ONLY: true, UPDATE_ONLY: true }
const linkPolicies: Record<LinkPolicy, true> = { CREATE: true, IGNORE: true, FAIL: true }
const nullPolicies: Record<NullPolicy, true> = { IGNORE: true, CLEAR: true }
const invalidRecordPolicies: Record<InvalidRecordPolicy, true> = { SKIP_INVALID: true, REJECT_ALL: true }

const listed = (choices: object) => Object.keys(choices).join(', ')

export const usage = `Usage: npm run import -- FILE [flags]

Imports a file of profiles: uploads it, and shows how the job goes until it has ended.

FILE is CSV (.csv, .tsv) or NDJSON (.ndjson, .jsonl), as it is or compressed (.gz). "-" reads standard input, uncompressed.

  --format csv|ndjson          what FILE is, where its name does not say it
  --column 'HEADER=FIELD'      what a column of a CSV file holds, where its header does not say it: a field, an attribute,
                               attributes.NAME or extensions[0].FIELD; 'HEADER=' leaves it out. For several, repeat it
  --destination ID             where the profiles go: local unless said otherwise. For several, repeat it
  --profile-type NAME          their type, where it is not the destination's own default
  --matching MODE              how a record finds its profile: one of the modes below
  --matching-field NAME        the attribute or custom field of CUSTOM and CUSTOM_SUB
  --upsert MODE                ${listed(upsertModes)}
  --link-policy POLICY         a link to a profile that is not there: ${listed(linkPolicies)}
  --nulls POLICY               null, and an empty cell: ${listed(nullPolicies)}
  --on-invalid POLICY          an invalid record fails alone, or refuses all: ${listed(invalidRecordPolicies)}
  --skip-invalid-extensions    drop a wrong extension in place of failing its record
  --skip-triggers              set off no automations
  --detect-geo                 derive the place from the record's IP address
  --resource-id NUMBER         search only extensions of this resource
  --max-affected NUMBER        the most profiles that one record may change under FILTER
  --audit TEXT                 kept with the job. For several, repeat it
  --idempotency-key KEY        the same key with the same file and flags is the same job
  --help

Matching: ${listed(matchingModes)}

The first choice is the default. GATEWAY_URL is the gateway (http://127.0.0.1:4000), GATEWAY_KEY its API key, if it asks for one.

Exit codes: 0 every record was applied; 1 some were not, or may not have been; 2 wrong use, or refused: nothing was imported;
130 interrupted: the job goes on.`

const text = { type: 'string' } as const
const texts = { type: 'string', multiple: true } as const
const yes = { type: 'boolean' } as const
const flags = {
  help: yes,
  format: text,
  column: texts,
  destination: texts,
  'profile-type': text,
  matching: text,
  'matching-field': text,
  upsert: text,
  'link-policy': text,
  nulls: text,
  'on-invalid': text,
  'skip-invalid-extensions': yes,
  'skip-triggers': yes,
  'detect-geo': yes,
  'resource-id': text,
  'max-affected': text,
  audit: texts,
  'idempotency-key': text,
} as const

/** null: the usage is asked for. Throws a Refusal that says what is wrong. */
export function readFlags(parameters: readonly string[]): ImportCommand | null {
  const { values, positionals } = parse(parameters)
  if (values.help) return null
  const [path, ...more] = positionals
  if (path === undefined || path === '') throw wrongUse('FILE is missing: name the file, or "-" for standard input')
  if (more.length > 0) throw wrongUse(`One FILE is imported at a time: ${more.join(' ')} is too many`)
  const file = { path, ...kindOf(path, values.format) }
  const columns = values.column?.map(columnOf)
  if (columns && file.format === 'NDJSON') throw wrongUse('--column is for CSV files: NDJSON names its fields itself')
  return {
    file,
    input: {
      ...stated({ destinations: values.destination, audit: values.audit, columns }),
      ...stated({ profileType: values['profile-type'], matchingField: values['matching-field'] }),
      ...stated({
        matching: choice('matching', values.matching, matchingModes),
        upsert: choice('upsert', values.upsert, upsertModes),
        linkPolicy: choice('link-policy', values['link-policy'], linkPolicies),
        nulls: choice('nulls', values.nulls, nullPolicies),
        onInvalid: choice('on-invalid', values['on-invalid'], invalidRecordPolicies),
      }),
      ...stated({
        skipInvalidExtensions: values['skip-invalid-extensions'],
        skipTriggers: values['skip-triggers'],
        detectGeo: values['detect-geo'],
        resourceId: wholeNumber('resource-id', values['resource-id']),
        maxAffected: wholeNumber('max-affected', values['max-affected'], 1),
      }),
      ...stated({ idempotencyKey: values['idempotency-key'] }),
    },
  }
}

const wrongUse = (message: string) => new Refusal(`${message}. See npm run import -- --help`)

function parse(parameters: readonly string[]) {
  try {
    return parseArgs({ args: withNegativeNumbers(parameters), options: flags, allowPositionals: true })
  } catch (error) {
    throw wrongUse(error instanceof Error ? error.message : String(error))
  }
}

/** A number behind a flag is its value, also below zero, which parseArgs would take for another flag. */
function withNegativeNumbers(parameters: readonly string[]): string[] {
  const joined: string[] = []
  for (const parameter of parameters) {
    const flag = joined.at(-1)
    if (flag && /^--[a-z-]+$/.test(flag) && /^-\d/.test(parameter)) joined.splice(-1, 1, `${flag}=${parameter}`)
    else joined.push(parameter)
  }
  return joined
}

const formats = new Map<string | undefined, FileToSend['format']>([
  ['csv', 'CSV'],
  ['tsv', 'CSV'],
  ['ndjson', 'NDJSON'],
  ['jsonl', 'NDJSON'],
])

function kindOf(path: string, stated: string | undefined): Pick<FileToSend, 'format' | 'isGzip'> {
  const name = path.toLowerCase()
  const isGzip = name.endsWith('.gz')
  const ending = name.replace(/\.gz$/, '').split('.').at(-1)
  const format = formats.get(stated?.toLowerCase() ?? ending)
  if (format) return { format, isGzip }
  if (stated !== undefined) throw wrongUse(`--format ${stated} is not known: use csv or ndjson`)
  throw wrongUse('The name of the file does not say what it is: add --format csv or --format ndjson')
}

/** The last = parts them: a header may have others, a field has none. */
function columnOf(stated: string) {
  const end = stated.lastIndexOf('=')
  if (end < 1) throw wrongUse(`--column ${JSON.stringify(stated)} is not HEADER=FIELD`)
  return { column: stated.slice(0, end), field: stated.slice(end + 1) }
}

function choice<Choice extends string>(
  flag: string,
  stated: string | undefined,
  choices: Record<Choice, true>,
): Choice | undefined {
  const wanted = stated?.toUpperCase().replaceAll('-', '_')
  const isOne = (name: string | undefined): name is Choice => name !== undefined && Object.hasOwn(choices, name)
  if (wanted === undefined || isOne(wanted)) return wanted
  throw wrongUse(`--${flag} ${stated} is not known: use one of ${listed(choices)}`)
}

function wholeNumber(flag: string, stated: string | undefined, least = -(2 ** 31) + 1): number | undefined {
  if (stated === undefined) return undefined
  const number = Number(stated)
  // As large as GraphQL's Int.
  if (/^-?\d+$/.test(stated) && number >= least && number < 2 ** 31) return number
  throw wrongUse(`--${flag} ${stated} is not a whole number${least > 0 ? ` from ${least} up` : ''}`)
}

type Stated<Values> = { [Name in keyof Values]?: Exclude<Values[Name], undefined> }

/** What was not said is left out, so that the default of the schema holds. */
function stated<Values extends object>(values: Values): Stated<Values> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Stated<Values>
}
