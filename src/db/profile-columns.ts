import { plainArray, textArray } from './literals.ts'

/** The columns of a profile that a batch may read and write, by the field's name in the schema. */
export const profileColumns = {
  email: { column: 'email', type: 'text' },
  emailPermission: { column: 'email_permission', type: 'bool' },
  emailStatus: { column: 'email_status', type: 'text' },
  phone: { column: 'phone', type: 'text' },
  phonePermission: { column: 'phone_permission', type: 'bool' },
  phoneStatus: { column: 'phone_status', type: 'text' },
  status: { column: 'status', type: 'text' },
  firstName: { column: 'first_name', type: 'text' },
  lastName: { column: 'last_name', type: 'text' },
  gender: { column: 'gender', type: 'text' },
  birthDate: { column: 'birth_date', type: 'date' },
  subscriptionDate: { column: 'subscription_date', type: 'date' },
} as const

export type ProfileColumn = keyof typeof profileColumns
export type ProfileColumnValue = string | boolean | null

/** One column of many rows as an array literal of its type. */
export function columnArray(name: ProfileColumn, values: readonly ProfileColumnValue[]): string {
  return profileColumns[name].type === 'bool'
    ? plainArray(values as readonly (boolean | null)[])
    : textArray(values as readonly (string | null)[])
}
