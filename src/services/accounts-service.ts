import type { Database } from '../db/database.ts'
import type { Row } from '../db/rows.ts'
import { sql, sqlList, sqlName } from '../db/sql.ts'
import { DataLayerError, shortenDid } from '../errors/index.ts'
import { accountColumns, type Account, type NewAccount } from '../identity/account-columns.ts'
import { accountExists, accountSettings, all } from './account-conditions.ts'
import { checkDid } from './check-did.ts'
import { accountTableColumns, checkNewAccount, type TableColumn } from './check-new-account.ts'
import { readDescribed } from './read-described.ts'

/** What becomes active when the active account is removed. */
export interface RemoveOptions {
  /** The DID of an account that stays; `null` or absent for none. */
  readonly next?: string | null
}

/** The accounts on this device, each a DID with its keys. */
export class AccountsService {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** All accounts, in the order they were stored. */
  async list(): Promise<Account[]> {
    const rows = await this.#db.query(sql`SELECT * FROM accounts`)
    return rows.map(toAccount).toSorted((a, b) => (a.id ?? 0) - (b.id ?? 0))
  }

  /** The account with this DID; `undefined` when there is none. */
  async get(did: string): Promise<Account | undefined> {
    const row = await this.#db.queryOne(sql`SELECT * FROM accounts WHERE did = ${checkDid(did)}`)
    return row && toAccount(row)
  }

  /**
   * Stores a new account.
   *
   * @throws {DataLayerError} `duplicate-dids` when an account has this DID already, `invalid-value` for a value or a key no
   * column takes and for a column left out that needs a value
   * @example
   * await dataLayer.accounts.add({ did, publicKeyHex, mnemonicEncrBase64 })
   */
  async add(account: NewAccount): Promise<Account> {
    const values = checkNewAccount(account, await this.#db.query<TableColumn>(accountTableColumns))
    const { changes } = await this.#db.execute(sql`
      INSERT INTO accounts (${sqlList(values.map(({ column }) => sqlName(column)))})
      SELECT ${sqlList(values.map(({ value }) => sql`${value}`))} WHERE NOT ${accountExists(account.did)}`)
    if (changes === 0) {
      throw new DataLayerError('duplicate-dids', `There is an account with the DID ${shortenDid(account.did)} already.`)
    }
    const added = await this.get(account.did)
    if (!added)
      throw new DataLayerError('sqlite', 'The account was stored and is not there: a trigger may have removed it.')
    return added
  }

  /**
   * Removes an account for good: its keys, and the settings row that belongs to it alone. When it was the active one, `next`
   * becomes active in the same transaction, or nobody.
   *
   * @throws {DataLayerError} `unknown-account` when there is no such account or no such `next`, `invalid-value` when they are
   * the same, `foreign-key-violation` when a table of the app's own still needs the account. Nothing is changed then.
   * @example
   * await dataLayer.accounts.remove(did, { next: other.did })
   */
  async remove(did: string, { next }: RemoveOptions = {}): Promise<void> {
    checkDid(did)
    const nextDid = next === undefined || next === null ? null : checkDid(next, 'The next DID')
    if (nextDid === did) {
      throw new DataLayerError('invalid-value', 'The account to remove cannot be the one that becomes active.')
    }
    const allowed = all(nextDid === null ? [] : [accountExists(nextDid)])
    const results = await this.#db.batch([
      sql`UPDATE active_identity SET activeDid = ${nextDid}, lastUpdated = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
          WHERE id = 1 AND activeDid = ${did} AND ${allowed}`,
      sql`DELETE FROM settings WHERE ${accountSettings(sql`${did}`)} AND ${allowed}`,
      sql`DELETE FROM accounts WHERE did = ${did} AND ${allowed}`,
      sql`SELECT ${allowed} AS allowed`,
    ])
    if (!results[3]?.rows[0]?.[0]) throw unknownAccount(nextDid ?? '')
    if (results[2]?.changes === 0) throw unknownAccount(did)
  }
}

function unknownAccount(did: string): DataLayerError {
  return new DataLayerError('unknown-account', `No account has the DID ${shortenDid(did)}.`)
}

function toAccount(row: Row): Account {
  return readDescribed('accounts', accountColumns, [row]) as Account
}
