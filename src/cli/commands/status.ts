import type { Queryable } from '../../db/database.ts'
import { Migrator } from '../../db/migration/migrator.ts'
import type { ComponentStatus } from '../../db/migration/migrator-types.ts'
import { sql } from '../../db/sql.ts'
import { shortenDid } from '../../errors/index.ts'
import type { Command } from '../command.ts'
import { componentOptions, databaseFile, lockOptions } from '../common-options.ts'
import { loadComponents } from '../load-components.ts'
import { withFile } from '../open-file.ts'
import { count } from '../terminal/amounts.ts'
import { lockWishes } from './wishes.ts'

interface ActiveIdentity {
  readonly activeDid: string | null
  readonly lastUpdated: string
}

/** What is in a database: its components' patches, and who is active. */
export const status: Command = {
  name: 'status',
  description: 'Shows which patches are applied and which are pending. Changes nothing.',
  positionals: [databaseFile],
  options: { ...lockOptions, ...componentOptions },
  async run({ values, terminal }) {
    const components = await loadComponents(values)
    const waiting = lockWishes(values)
    const answer = await withFile(
      values.argument('FILE'),
      'read',
      async ({ path, driver, connection, db }) => ({
        file: path,
        sqliteVersion: (await db.queryOne<{ version: string }>(sql`SELECT sqlite_version() AS version`))?.version ?? '',
        legacy: await isLegacy(db),
        components: await new Migrator({ driver, connection }, components, waiting).status(),
        identity: await readIdentity(db),
      }),
      waiting,
    )
    const lines = [
      `${terminal.paint('bold', answer.file)}  (SQLite ${answer.sqliteVersion})`,
      ...(answer.legacy ? ['A legacy database: the active DID is in settings.'] : []),
      ...answer.components.map(describeComponent),
      ...(answer.identity ? [describeIdentity(answer.identity)] : []),
    ]
    return { json: answer, text: lines.join('\n'), ok: true }
  },
}

function describeComponent({ name, applied, pending, held, begun }: ComponentStatus): string {
  const last = applied.at(-1)?.name
  const parts = [
    last ? `${count(applied.length, 'patch', 'patches')} applied, the last ${last}` : 'nothing applied',
    pending.length > 0 ? `pending: ${pending.join(', ')}` : 'nothing pending',
    ...(held.length > 0 ? [`held: ${held.join(', ')}`] : []),
    ...begun.map((patch) => `begun: ${patch.name}, ${count(patch.pieces, 'piece')} of it done`),
  ]
  return `${name}: ${parts.join('; ')}`
}

function describeIdentity({ activeDid, lastUpdated }: ActiveIdentity): string {
  return activeDid === null ? 'No identity is active.' : `Active: ${shortenDid(activeDid)}, since ${lastUpdated}`
}

/** Whether the tables and columns are there that make a database a legacy one. */
async function isLegacy(db: Queryable): Promise<boolean> {
  const row = await db.queryOne<{ found: number }>(sql`SELECT count(*) AS found FROM (
    SELECT 1 FROM pragma_table_xinfo('accounts') WHERE lower(name) = 'did'
    UNION ALL
    SELECT 1 FROM pragma_table_xinfo('settings') WHERE lower(name) IN ('id', 'accountdid', 'activedid')
  )`)
  return row?.found === 4
}

/** The one row of our own table; `null` while the database has none, or one of an earlier version of the app. */
async function readIdentity(db: Queryable): Promise<ActiveIdentity | null> {
  const ours = await db.queryOne(sql`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'selfsame_ledger'`)
  if (!ours) return null
  const moved = await db.queryOne(sql`SELECT 1 FROM selfsame_ledger WHERE name = 'identity-0004'
    AND EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'active_identity')`)
  if (!moved) return null
  const row = await db.queryOne<{ activeDid: string | null; lastUpdated: string }>(
    sql`SELECT activeDid, lastUpdated FROM active_identity WHERE id = 1`,
  )
  return row ?? null
}
