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

/** The index by what it does: another one may have its name. */
export const hasUniqueDidIndex = `SELECT EXISTS (SELECT 1 FROM pragma_index_list('accounts') AS l
  WHERE l.name = 'selfsame_accounts_did' AND l."unique" = 1 AND l.partial = 0
    AND (SELECT count(*) = 1 AND lower(max(i.name)) = 'did' FROM pragma_index_info(l.name) AS i))`

const nameIsFree: Check = {
  name: 'no other index has the name of ours',
  code: 'foreign-schema',
  message: 'An index is called selfsame_accounts_did and is another one.',
  rows: "SELECT type, name, tbl_name FROM sqlite_schema WHERE lower(name) = 'selfsame_accounts_did'",
}

/**
 * A foreign key needs a unique parent (sqlite.org/foreignkeys.html §3). Two accounts with one DID hold two keys; which is
 * the right one is for the user to say, so the launch stops before anything changes.
 */
export const uniqueDid: Patch = {
  name: 'identity-0002',
  present: hasUniqueDidIndex,
  // Asked here too, because a launch looks at the first pending patch before it writes anything.
  before: [nameIsFree, oneAccountEach, earlierTableIsKnown],
  statements: [uniqueDidIndex],
  revertsAdopted: true,
  revert: ['DROP INDEX IF EXISTS selfsame_accounts_did'],
}
