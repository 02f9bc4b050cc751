import { encodeGlobalId } from '../../src/graphql/global-id.ts'
import type { Api } from './api.ts'

export interface StoredProfile {
  type?: string
  key?: string
  email?: string
  phone?: string
  attributes?: Record<string, unknown>
}

let made = 0

/** A uuid of its own, later than those before. */
export function nextId(): string {
  made += 1
  return `0198b6f0-0000-7000-8000-${made.toString(16).padStart(12, '0')}`
}

export const idOfProfile = (id: string): string => encodeGlobalId('Profile', id)

/** Puts rows into the store of one tenant, past all the rules, and answers their uuids. */
export function storeOf({ database }: Api, tenant: string) {
  return {
    async profile({ type = 'contact', key, email, phone, attributes = {} }: StoredProfile): Promise<string> {
      const id = nextId()
      await database.query(
        'insert into profiles (tenant, id, type, key, email, phone, attributes) values ($1, $2::uuid, $3, $4, $5, $6, $7::jsonb)',
        [tenant, id, type, key ?? null, email ?? null, phone ?? null, JSON.stringify(attributes)],
      )
      return id
    },
    async extension(profileId: string, channel: string, address: string): Promise<string> {
      const id = nextId()
      await database.query(
        'insert into extensions (tenant, id, profile_id, channel, address) values ($1, $2::uuid, $3::uuid, $4, $5)',
        [tenant, id, profileId, channel, address],
      )
      return id
    },
    async link(profileId: string, attribute: string, targetType: string, targetKey: string): Promise<void> {
      await database.query(
        'insert into links (tenant, profile_id, attribute, target_type, target_key) values ($1, $2::uuid, $3, $4, $5)',
        [tenant, profileId, attribute, targetType, targetKey],
      )
    },
  }
}
