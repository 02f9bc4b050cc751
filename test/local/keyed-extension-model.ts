import type { ExtensionInput, ProfileExtensionInput } from '../../src/contract/input.ts'
import type { RecordErrorCode, RecordOutcome } from '../../src/contract/outcome.ts'
import { channels } from '../../src/contract/profile.ts'
import type { ExtensionUpsertOptions } from '../../src/contract/request.ts'
import { extensionText, lowerCased, type ModelExtension, withoutSpaces, writeExtension } from './model-extensions.ts'

/*
 * Extensions by themselves as semantics.md § 5 tells them, and nothing else: lists that are searched from their beginning for every record,
 * records one after the other. It shares no code with the store.
 */

/** An extension of the model, with its own number: one that moves stays the same. */
export interface NumberedExtension extends ModelExtension {
  number: number
  /** This batch has made or changed it. */
  written: boolean
}

export interface ModelExtensionFate {
  outcome: RecordOutcome
  code: RecordErrorCode | null
  /** The key of the profile that it belongs to by then. */
  key: string | null
  extension: NumberedExtension | null
}

/** The address as the channel stores it, null where it cannot. */
function addressIn(channel: string, address: string): string | null {
  const trimmed = address.trim()
  if (channel === 'PUSH') return address
  if (channel === 'EMAIL') return trimmed.includes('@') ? lowerCased(address) : null
  if (channel === 'TELEGRAM_BOT') return /^[+-]?\d+$/.test(trimmed) ? String(Number(trimmed)) : null
  return trimmed.startsWith('+') ? withoutSpaces(address) : null
}

export class ExtensionModel {
  /** By the keys of the profiles that there are. */
  readonly profiles = new Map<string, NumberedExtension[]>()
  /** The profiles that this batch has written to. */
  readonly written = new Set<string>()
  readonly #channelsOfNames: Record<string, readonly string[]>
  #next = 1

  constructor(keys: readonly string[], channelsOfNames: Record<string, readonly string[]>) {
    for (const key of keys) this.profiles.set(key, [])
    this.#channelsOfNames = channelsOfNames
  }

  startBatch(): void {
    this.written.clear()
    for (const extension of [...this.profiles.values()].flat()) extension.written = false
  }

  /** What a batch of profiles by KEY does to one of them. */
  embed(key: string, extension: ProfileExtensionInput, clears: boolean): void {
    const own = this.profiles.get(key)
    if (!own) throw new TypeError(`the model has no profile ${key}`)
    const before = new Map(own.map((one) => [one.number, extensionText(one)]))
    if (!writeExtension({ extensions: own }, extension, clears)) return
    this.written.add(key)
    for (const one of own) {
      one.number ??= this.#next++
      one.written = (one.written ?? false) || before.get(one.number) !== extensionText(one)
    }
  }

  apply({ upsert, nulls }: ExtensionUpsertOptions, record: ExtensionInput): ModelExtensionFate {
    const failed = (code: RecordErrorCode): ModelExtensionFate => ({
      outcome: 'FAILED',
      code,
      key: null,
      extension: null,
    })
    const own = this.profiles.get(record.key)
    if (!own) return failed('PROFILE_NOT_FOUND')
    // What its own channel makes of it is the address, under whatever channel it is looked for.
    const address = record.channel == null ? record.address : (addressIn(record.channel, record.address) ?? '')
    const hasAddress = (one: ModelExtension) =>
      one.address === addressIn(one.channel, address) &&
      one.provider === (record.provider ?? null) &&
      one.resourceId === (record.resourceId ?? null)
    const anywhere = own.filter(hasAddress)
    const hits = record.channel == null ? anywhere : anywhere.filter((one) => one.channel === record.channel)
    const [hit] = hits
    if (hits.length > 1) return failed('AMBIGUOUS_MATCH')
    if (!hit) {
      if (upsert === 'UPDATE_ONLY') return failed(anywhere.length > 0 ? 'CHANNEL_IMMUTABLE' : 'EXTENSION_NOT_FOUND')
      if (record.channel == null) return failed('CHANNEL_REQUIRED')
      const made: NumberedExtension = {
        number: this.#next++,
        written: true,
        channel: record.channel,
        address,
        provider: record.provider ?? null,
        resourceId: record.resourceId ?? null,
        name: record.name ?? null,
        permission: record.permission ?? null,
        status: null,
        priority: null,
        categories: [],
        customFields: {},
      }
      own.push(made)
      return { outcome: 'CREATED', code: null, key: record.key, extension: made }
    }
    if (upsert === 'CREATE_ONLY') return failed('EXTENSION_EXISTS')
    if (record.name != null && !this.#channelsOfNames[record.name]?.includes(hit.channel)) {
      return failed('UNKNOWN_EXTENSION_TYPE')
    }
    return this.#update(own, hit, record, nulls === 'CLEAR', failed)
  }

  #update(
    own: NumberedExtension[],
    hit: NumberedExtension,
    record: ExtensionInput,
    clears: boolean,
    failed: (code: RecordErrorCode) => ModelExtensionFate,
  ): ModelExtensionFate {
    const target = record.newKey == null ? own : this.profiles.get(record.newKey)
    if (!target) return failed('NEW_KEY_NOT_FOUND')
    const address = record.newAddress == null ? hit.address : (addressIn(hit.channel, record.newAddress) ?? '')
    const isThere = target.some(
      (one) =>
        one !== hit &&
        one.channel === hit.channel &&
        one.address === address &&
        one.provider === hit.provider &&
        one.resourceId === hit.resourceId,
    )
    if (isThere) return failed('ADDRESS_TAKEN')
    const before = extensionText(hit)
    hit.address = address
    if (record.name != null || (record.name === null && clears)) hit.name = record.name
    if (record.permission != null) hit.permission = record.permission
    const changed = target !== own || before !== extensionText(hit)
    if (target !== own) {
      own.splice(own.indexOf(hit), 1)
      target.push(hit)
    }
    if (changed) hit.written = true
    return { outcome: changed ? 'UPDATED' : 'UNCHANGED', code: null, key: record.newKey ?? record.key, extension: hit }
  }
}

/** The channels in which there can be such an address. */
export const channelsOf = (address: string) => channels.filter((channel) => addressIn(channel, address) !== null)
