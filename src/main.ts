import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'
import { boundHeap, letHeapGrow } from './heap.ts'

// Both count only for what is loaded after them.
boundHeap()
// Who may write there may change the code itself. Where this process may not, it starts without.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/contact-gateway', import.meta.url)))
const { run } = await import('./run.ts')
await run()
letHeapGrow()
