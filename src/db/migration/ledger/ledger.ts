import { DataLayerError } from '../../../errors/index.ts'
import type { StatementRunner } from '../../driver.ts'
import { toRows } from '../../rows.ts'
import { sql } from '../../sql.ts'
import { checkStatement, type Statement } from '../../statement.ts'
import { oneOfEachName } from '../repeatables/repeatables.ts'
import type { Queryable } from '../../database.ts'

/** How a patch came into the ledger: run, found to be there already, or created as part of a baseline. */
export type LedgerOutcome = 'applied' | 'adopted' | 'baseline'

/** One applied patch, as the ledger holds it. */
export interface LedgerEntry {
  readonly component: string
  readonly sequence: number
  readonly name: string
  readonly checksum: string
  /** The patch's normalised text, one statement a line: what a changed patch is compared with. */
  readonly source: string
  readonly requires: readonly string[]
  readonly conflicts: readonly string[]
  readonly minReader: string | null
  readonly appliedAt: string
  /** JSON: `{ app, platform, engine, sqlite }`. */
  readonly appliedBy: string
  readonly durationMs: number
  readonly outcome: LedgerOutcome
  /** Schema objects the patch created, oldest first, for `drop`: `table x`, `index y`. */
  readonly objects: readonly string[]
}

/** A view or trigger as it was last created. */
export interface RepeatableEntry {
  readonly component: string
  readonly name: string
  readonly checksum: string
  /** What the schema has under its name now; `null` where nothing has it. */
  readonly text: string | null
}

/**
 * Columns that came to our tables later, as they are declared. A database from before gets them with the next write. Each
 * has a default or may be NULL: an older app that may still write knows nothing of it.
 */
const laterColumns = {
  // In the newest row of all, what the schema then came to; in the newest of a component, what it wants run before a drop.
  selfsame_ledger: ['schema_fingerprint TEXT', 'drop_statements TEXT'],
  selfsame_set_up: ["objects TEXT NOT NULL DEFAULT '[]'"],
} as const

/** The engine's own tables and their index. Every one is named `selfsame_*`; a database without them has no history yet. */
export const bookkeepingTables: Readonly<Record<string, string>> = {
  selfsame_ledger: `CREATE TABLE selfsame_ledger (
  position INTEGER PRIMARY KEY,
  component TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  name TEXT NOT NULL UNIQUE,
  checksum TEXT NOT NULL,
  source TEXT NOT NULL,
  requires TEXT NOT NULL,
  conflicts TEXT NOT NULL,
  min_reader TEXT,
  applied_at TEXT NOT NULL,
  applied_by TEXT NOT NULL,
  duration_ms INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  objects TEXT NOT NULL,
  ${laterColumns.selfsame_ledger.join(',\n  ')}
)`,
  selfsame_repeatables: `CREATE TABLE selfsame_repeatables (
  component TEXT NOT NULL,
  name TEXT NOT NULL UNIQUE,
  checksum TEXT NOT NULL,
  applied_at TEXT NOT NULL
)`,
  selfsame_repairs: `CREATE TABLE selfsame_repairs (
  id INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  component TEXT NOT NULL,
  patch TEXT NOT NULL,
  kind TEXT NOT NULL,
  table_name TEXT NOT NULL,
  column_name TEXT NOT NULL,
  row_key TEXT,
  value,
  shown INTEGER NOT NULL,
  given_back_at TEXT
)`,
  // A rollback looks a value up by its row for every row of a table.
  selfsame_repairs_row: 'CREATE INDEX selfsame_repairs_row ON selfsame_repairs (row_key)',
  selfsame_cursors: `CREATE TABLE selfsame_cursors (
  patch TEXT NOT NULL,
  step INTEGER NOT NULL,
  cursor TEXT NOT NULL,
  PRIMARY KEY (patch, step)
)`,
  selfsame_set_up: `CREATE TABLE selfsame_set_up (
  serial INTEGER PRIMARY KEY,
  component TEXT NOT NULL,
  patch TEXT NOT NULL,
  name TEXT NOT NULL,
  action TEXT NOT NULL,
  finished_at TEXT,
  arguments TEXT,
  ${laterColumns.selfsame_set_up.join(',\n  ')},
  UNIQUE (patch, name)
)`,
}

// A ledger from before `drop_statements` has no such column: SQLite then looks for it further out, and finds NULL.
// The columns say whose they are, so that a phone knows their names without asking.
const readLedger = `SELECT l.component, l.sequence, l.name, l.checksum, l.source, l.requires, l.conflicts, l.min_reader,
  l.applied_at, l.applied_by, l.duration_ms, l.outcome, l.objects,
  (SELECT drop_statements FROM selfsame_ledger AS own WHERE own.position = l.position) AS kept_drop
FROM selfsame_ledger AS l, (SELECT NULL AS drop_statements) ORDER BY position`
// One that somebody dropped is as if it had never been.
const readRepeatables = `SELECT r.component, r.name, r.checksum, s.sql AS text FROM selfsame_repeatables AS r
  LEFT JOIN sqlite_schema AS s ON s.name = r.name AND s.type IN ('view', 'trigger')
  WHERE s.name IS NOT NULL OR r.checksum GLOB 'waits *'`

/** The step under which is kept how a patch in pieces was begun, and what its pieces did. */
export const beginningStep = -1
const readBegun = `SELECT patch, cursor FROM selfsame_cursors WHERE step = ${beginningStep}`

const readSetUp = `SELECT patch || '/' || name FROM selfsame_set_up`

/** A patch in pieces that was begun and is not done. */
export interface BegunPatch {
  readonly name: string
  /** Of the patch as it was begun. */
  readonly checksum: string
  /** How many of its pieces are done. */
  readonly pieces: number
  /** When, as ISO-8601. */
  readonly since: string
  readonly requires: readonly string[]
  readonly conflicts: readonly string[]
}

/** What a database says of its own history. */
export interface History {
  /** `false` when the database has no ledger at all. */
  readonly recorded: boolean
  readonly ledger: readonly LedgerEntry[]
  readonly repeatables: readonly RepeatableEntry[]
  readonly begun: readonly BegunPatch[]
  /** The set-up that patches have registered, finished or not, as `patch/name`. */
  readonly setUp: ReadonlySet<string>
  /** What each component wants run before it is dropped, as the last launch that wrote kept it: a JSON list. */
  readonly dropStatements: ReadonlyMap<string, string>
}

/**
 * Reads the history in one round trip; a database without a ledger costs a second one, to see that no table of ours has
 * another meaning.
 *
 * @throws {DataLayerError} `foreign-schema`
 */
export async function readHistory(connection: StatementRunner): Promise<History> {
  try {
    const [ledger, repeatables, begun, setUp] = await connection.run(
      [readLedger, readRepeatables, readBegun, readSetUp].map((text) => checkStatement({ text })),
    )
    if (!ledger || !repeatables || !begun || !setUp)
      throw new DataLayerError('sqlite', 'The engine gave no result for the ledger.')
    return {
      recorded: true,
      ledger: toRows(ledger).map(toLedgerEntry),
      repeatables: oneOfEachName(
        toRows(repeatables).map((row) => ({
          component: String(row.component),
          name: String(row.name),
          checksum: String(row.checksum),
          text: row.text === null ? null : String(row.text),
        })),
      ),
      begun: begun.rows.map(([name, cursor]) => ({ name: String(name), ...parseBeginning(cursor) })),
      setUp: new Set(setUp.rows.map(([label]) => String(label))),
      // The newest row that has them says it.
      dropStatements: new Map(
        toRows(ledger).flatMap((row) =>
          row.kept_drop === null ? [] : [[String(row.component), String(row.kept_drop)]],
        ),
      ),
    }
  } catch (error) {
    if (!(error instanceof DataLayerError) || !/no such (table|column): /.test(error.message)) throw error
    await mustHaveNoForeignTables(connection, error)
    return { recorded: false, ledger: [], repeatables: [], begun: [], setUp: new Set(), dropStatements: new Map() }
  }
}

async function mustHaveNoForeignTables(connection: StatementRunner, cause: DataLayerError): Promise<void> {
  const names = Object.keys(bookkeepingTables)
  const [found] = await connection.run([
    checkStatement({
      text: `SELECT name FROM sqlite_schema WHERE lower(name) IN (${names.map(() => '?').join(', ')})`,
      params: names,
    }),
  ])
  const tables = (found?.rows ?? []).map(([name]) => String(name))
  if (tables.length === 0) return
  throw new DataLayerError('foreign-schema', `Tables of ours are there with another meaning: ${tables.join(', ')}.`, {
    details: { tables },
    cause,
  })
}

function toLedgerEntry(row: Record<string, unknown>): LedgerEntry {
  return {
    component: String(row.component),
    sequence: Number(row.sequence),
    name: String(row.name),
    checksum: String(row.checksum),
    source: String(row.source),
    requires: parseNames(row.requires),
    conflicts: parseNames(row.conflicts),
    minReader: row.min_reader === null ? null : String(row.min_reader),
    appliedAt: String(row.applied_at),
    appliedBy: String(row.applied_by),
    durationMs: Number(row.duration_ms),
    outcome: String(row.outcome) as LedgerOutcome,
    objects: parseNames(row.objects),
  }
}

function parseBeginning(cursor: unknown): Omit<BegunPatch, 'name'> {
  try {
    const beginning: unknown = JSON.parse(String(cursor))
    if (typeof beginning === 'object' && beginning !== null && 'checksum' in beginning && 'pieces' in beginning) {
      const { checksum, pieces, since = '', requires = [], conflicts = [] } = beginning as Record<string, unknown>
      const names = { requires: requires as string[], conflicts: conflicts as string[] }
      return { checksum: String(checksum), pieces: Number(pieces), since: String(since), ...names }
    }
  } catch {
    // Falls through, as for a row of the ledger.
  }
  throw new DataLayerError('corrupt', 'The note of a patch that is half done cannot be read.')
}

function parseNames(value: unknown): string[] {
  try {
    const names: unknown = JSON.parse(String(value))
    if (Array.isArray(names)) return names.map(String)
  } catch {
    // Falls through: a ledger that cannot be read is one error, whatever is wrong with it.
  }
  throw new DataLayerError('corrupt', 'A row of the ledger cannot be read.')
}

/** Creates the bookkeeping tables that are not there, and the columns that those of an older version lack. */
export async function createBookkeeping(tx: Queryable): Promise<void> {
  const rows = await tx.query<{ name: string }>(sql`SELECT name FROM sqlite_schema WHERE name GLOB 'selfsame_*'`)
  const present = new Set(rows.map(({ name }) => name))
  for (const [name, text] of Object.entries(bookkeepingTables)) {
    if (!present.has(name)) await tx.execute({ text })
  }
  for (const [table, columns] of Object.entries(laterColumns)) {
    const found = await tx.query<{ name: string }>(sql`SELECT name FROM pragma_table_info(${table})`)
    for (const column of columns) {
      const [name = ''] = column.split(' ')
      if (found.some((row) => row.name === name)) continue
      await tx.execute({ text: `ALTER TABLE ${table} ADD COLUMN ${column}` })
    }
  }
}

export function insertLedgerEntry(entry: LedgerEntry): Statement {
  return sql`INSERT INTO selfsame_ledger
    (component, sequence, name, checksum, source, requires, conflicts, min_reader, applied_at, applied_by, duration_ms, outcome, objects)
    VALUES (${entry.component}, ${entry.sequence}, ${entry.name}, ${entry.checksum}, ${entry.source},
      ${JSON.stringify(entry.requires)}, ${JSON.stringify(entry.conflicts)}, ${entry.minReader}, ${entry.appliedAt},
      ${entry.appliedBy}, ${entry.durationMs}, ${entry.outcome}, ${JSON.stringify(entry.objects)})`
}
