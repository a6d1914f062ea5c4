import { sql } from '../db/sql.ts'
import type { SqlValue } from '../db/values.ts'
import { DataLayerError } from '../errors/index.ts'
import { accountColumnNames, accountColumns, type AccountColumn, type NewAccount } from '../identity/account-columns.ts'
import { encodeColumn } from '../identity/column-codecs.ts'
import { checkDid } from './check-did.ts'
import { nameForMessage } from './name-for-message.ts'

/** A column of the accounts table as this database has it: older ones have fewer. */
export type TableColumn = { readonly name: string; readonly needsValue: number }

export const accountTableColumns = sql`
  SELECT name, "notnull" AND dflt_value IS NULL AND pk = 0 AS needsValue FROM pragma_table_info('accounts')`

/**
 * The values to store for a new account, in this database.
 *
 * @throws {DataLayerError} `invalid-value`, naming the column and never the value
 */
export function checkNewAccount(
  account: NewAccount,
  tableColumns: readonly TableColumn[],
): { column: string; value: SqlValue }[] {
  if (typeof account !== 'object' || account === null)
    throw new DataLayerError('invalid-value', 'An account is an object.')
  checkDid(account.did)
  const stranger = Object.keys(account).find((key) => !Object.hasOwn(accountColumns, key))
  if (stranger !== undefined) throw noColumn(nameForMessage(stranger))
  const present = new Map(tableColumns.map(({ name }) => [name.toLowerCase(), name]))
  const values: { column: string; value: SqlValue }[] = []
  for (const name of accountColumnNames) {
    const column = present.get(name.toLowerCase())
    const value = valueOf(account, name)
    if (value === undefined || (value === null && !column)) continue
    if (!column && name === 'dateCreated' && account.dateCreated === undefined) continue
    if (!column) throw noColumn(name)
    values.push({ column, value: encodeColumn('accounts', name, accountColumns[name], value) })
  }
  const missing = tableColumns.find(
    ({ name, needsValue }) => needsValue && (values.find(({ column }) => column === name)?.value ?? null) === null,
  )
  if (missing) {
    throw new DataLayerError('invalid-value', `accounts.${missing.name} needs a value.`, {
      details: { table: 'accounts', column: missing.name },
    })
  }
  return values
}

function valueOf(account: NewAccount, name: AccountColumn): unknown {
  return name === 'dateCreated' ? (account.dateCreated ?? new Date().toISOString()) : account[name]
}

function noColumn(name: string): DataLayerError {
  return new DataLayerError('invalid-value', `accounts has no column ${name} in this database.`)
}
