import { codecs } from './column-codecs.ts'

/** Every column of `accounts` that this library reads and writes. */
export const accountColumns = {
  id: codecs.number,
  dateCreated: codecs.text,
  derivationPath: codecs.text,
  did: codecs.text,
  identityEncrBase64: codecs.text,
  mnemonicEncrBase64: codecs.text,
  passkeyCredIdHex: codecs.text,
  publicKeyHex: codecs.text,
} as const

export type AccountColumn = keyof typeof accountColumns

export const accountColumnNames = Object.keys(accountColumns) as AccountColumn[]

/** An account. What its row does not hold is absent. The `…EncrBase64` columns are key material: keep them out of logs. */
export interface Account {
  id?: number
  did: string
  /** ISO-8601 UTC. */
  dateCreated?: string
  derivationPath?: string
  identityEncrBase64?: string
  mnemonicEncrBase64?: string
  passkeyCredIdHex?: string
  publicKeyHex?: string
}

/** An account to add. `dateCreated` is now unless said, `id` the database's choice. */
export type NewAccount = { readonly [Column in keyof Account]: Account[Column] | null | undefined } & {
  readonly did: string
}
