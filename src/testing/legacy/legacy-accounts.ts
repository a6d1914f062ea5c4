import type { LegacyRow } from './insert-row.ts'
import type { Random } from './random.ts'

/** A DID in the form of a real one that belongs to nobody. */
export function fakeDid(random: Random): string {
  return `did:ethr:0x${random.hex(40)}`
}

/** Account rows. The key material says FAKE in clear text, so that nobody takes it for somebody's. */
export function legacyAccounts(dids: readonly string[], random: Random): LegacyRow[] {
  return dids.map((did, index) => ({
    id: index + 1,
    dateCreated: new Date(Date.UTC(2023, 0, 1 + index, 9, 30)).toISOString(),
    derivationPath: `m/84737769'/0'/${index}'/0'`,
    did,
    identityEncrBase64: `FAKE-identity-${index + 1}-${random.hex(24)}`,
    mnemonicEncrBase64: `FAKE-mnemonic-${index + 1}-${random.hex(24)}`,
    passkeyCredIdHex: index % 4 === 3 ? random.hex(32) : null,
    publicKeyHex: `04${random.hex(128)}`,
  }))
}
