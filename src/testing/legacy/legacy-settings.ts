import type { LegacyRow } from './insert-row.ts'
import type { LegacyDatabaseOptions } from './legacy-options.ts'
import { fakeDid } from './legacy-accounts.ts'
import type { Random } from './random.ts'

const searchBoxes = JSON.stringify([
  { name: 'Home', bbox: { eastLong: 8.6, maxLat: 47.4, minLat: 47.3, westLong: 8.4 } },
])

/** The master row and a row for each account, overlaying it. */
export function legacySettings(
  options: LegacyDatabaseOptions,
  dids: readonly string[],
  activeDid: string | null,
  random: Random,
): LegacyRow[] {
  const id = (number: number) => (options.settingsId === 'text' ? String(number) : number)
  const rows: LegacyRow[] = []
  if (options.masterRow ?? true) {
    rows.push({
      id: id(1),
      activeDid,
      apiServer: 'https://api.example.org',
      filterFeedByNearby: 0,
      filterFeedByVisible: 1,
      finishedOnboarding: 1,
      firstName: 'Ada',
      isRegistered: 1,
      lastName: 'Łovelace 🦉',
      lastViewedClaimId: '01HZX3ZJ9Y',
      notifyingReminderMessage: "It's time; look -- now",
      passkeyExpirationMinutes: 15,
      searchBoxes,
      showShortcutBvc: 0,
      hasBackedUpSeed: 0,
    })
  }
  if (options.accountSettings ?? true) {
    // A DID that two accounts share has one settings row: accountDid is unique.
    ;[...new Set(dids)].forEach((did, index) => {
      rows.push({
        id: id(index + 2),
        accountDid: did,
        activeDid: accountActiveDid(options, did, random),
        firstName: index % 2 === 0 ? `Ada ${index + 1}` : null,
        isRegistered: index % 2,
        profileImageUrl: `https://images.example.org/${index + 1}.png`,
        hideRegisterPromptOnNewContact: index % 3 === 0 ? 1 : null,
      })
    })
  }
  return rows
}

function accountActiveDid(options: LegacyDatabaseOptions, did: string, random: Random): string | null {
  switch (options.accountActiveDid) {
    case 'own':
      return did
    case 'orphan':
      return fakeDid(random)
    case 'empty':
      return ''
    default:
      return null
  }
}
