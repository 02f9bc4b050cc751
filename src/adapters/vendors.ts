import type { z } from 'zod'
import type { RemoteAdapter } from '../contract/adapter.ts'
import { createAltcraftAdapter } from './altcraft/index.ts'
import { altcraftSettings } from './altcraft/settings.ts'
import { createDengageAdapter } from './dengage/index.ts'
import { dengageSettings } from './dengage/settings.ts'
import type { DestinationSettings } from './registry.ts'
import { createWebexAdapter } from './webex/index.ts'
import { webexSettings } from './webex/settings.ts'
import { type Outside, processOutside } from './wire.ts'

/** The settings of each vendor's destinations, by the adapter's name. A new vendor is one line here. */
export function vendorAdapters(
  outside: Outside = processOutside,
): Readonly<Record<string, z.ZodType<DestinationSettings>>> {
  return {
    webex: vendor(webexSettings, (settings) => createWebexAdapter(settings, outside)),
    dengage: vendor(dengageSettings, (settings) => createDengageAdapter(settings, outside)),
    altcraft: vendor(altcraftSettings, (settings) => createAltcraftAdapter(settings, outside)),
  }
}

/** Checks a destination's settings, and keeps them, secrets included, inside of what makes its adapter. */
function vendor<Settings extends { id: string; adapter: string }>(
  settings: z.ZodType<Settings>,
  create: (settings: Settings) => RemoteAdapter,
): z.ZodType<DestinationSettings> {
  return settings.transform((checked) => ({
    id: checked.id,
    adapter: checked.adapter,
    connect: () => create(checked),
  }))
}
