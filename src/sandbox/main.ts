import { startSandbox } from './server.ts'
import { readSandboxPort } from './settings.ts'

// `npm run sandbox`: the vendors' emulators until the process is told to stop.
const sandbox = await startSandbox({ port: readSandboxPort() })
process.stdout.write(
  `The vendor sandbox listens:\n${['webex', 'dengage', 'altcraft'].map((vendor) => `  ${sandbox.url}/${vendor}\n`).join('')}` +
    `What is stored, the calls and the faults: ${sandbox.url}/_sandbox\n`,
)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void sandbox.stop())
