import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'
import type { VendorName } from '../../src/sandbox/vendor.ts'
import type { VendorSettings } from '../../src/sandbox/vendors.ts'
import type { BenchFault } from './adapter-bench.ts'

/** A sandbox in this process on a free port, as an adapter's bench uses it. */
export interface SandboxBench {
  sandbox: Sandbox
  baseUrl: string
  /** Orders a fault for calls whose path holds `path`: those that carry records. */
  fault(fault: BenchFault, times?: number): void
  /** The vendor's calls so far that carry records. */
  bodies(): unknown[]
}

export async function openSandboxBench(
  vendor: VendorName,
  path: string,
  settings: VendorSettings = {},
): Promise<SandboxBench> {
  const sandbox = await startSandbox({ port: 0, settings })
  return {
    sandbox,
    baseUrl: `${sandbox.url}/${vendor}`,
    fault: (fault, times = 1) => sandbox.fault({ vendor, match: { path, times }, fault }),
    bodies: () => sandbox.requests(vendor).flatMap((one) => (one.path.includes(path) ? [one.body] : [])),
  }
}
