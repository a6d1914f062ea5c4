import type { Check, Patch } from '../../db/migration/component.ts'
import { findDuplicateAccounts } from '../duplicates.ts'
import { earlierTableIsKnown } from './earlier-table.ts'

/** Two accounts with one DID hold two keys. */
export const oneAccountEach: Check = {
  name: 'every account has a DID of its own',
  code: 'duplicate-dids',
  message: 'Two or more accounts share a DID. Choose which to keep; the others are set aside, not deleted.',
  rows: async (tx) => (await findDuplicateAccounts(tx)).map(({ did, ids }) => ({ did, ids: ids.join(', ') })),
}

// On the column as it is, so that the index has the column's own collation: the parent of a foreign key must.
export const uniqueDidIndex = 'CREATE UNIQUE INDEX selfsame_accounts_did ON accounts (did)'

/**
 * A foreign key needs a unique parent (sqlite.org/foreignkeys.html §3). Two accounts with one DID hold two keys; which is
 * the right one is for the user to say, so the launch stops before anything changes.
 */
export const uniqueDid: Patch = {
  name: 'identity-0002',
  present: `SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = 'selfsame_accounts_did')`,
  // Asked here too, because a launch looks at the first pending patch before it writes anything.
  before: [oneAccountEach, earlierTableIsKnown],
  statements: [uniqueDidIndex],
  revert: ['DROP INDEX IF EXISTS selfsame_accounts_did'],
}
