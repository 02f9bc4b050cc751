import { createAltcraft } from './altcraft/altcraft.ts'
import type { AltcraftSettingsInput } from './altcraft/settings.ts'
import { createDengage } from './dengage/dengage.ts'
import type { DengageSettingsInput } from './dengage/settings.ts'
import type { SandboxClock, SandboxVendor } from './vendor.ts'
import type { WebexSettingsInput } from './webex/settings.ts'
import { createWebex } from './webex/webex.ts'

/** What each emulator starts with; what is left out has its default. */
export interface VendorSettings {
  webex?: WebexSettingsInput
  dengage?: DengageSettingsInput
  altcraft?: AltcraftSettingsInput
}

/** Every emulator, empty. Throws a ZodError when settings do not fit. */
export function createVendors(clock: SandboxClock, settings: VendorSettings): SandboxVendor[] {
  return [
    createWebex(clock, settings.webex),
    createDengage(clock, settings.dengage),
    createAltcraft(clock, settings.altcraft),
  ]
}
