import { DatabaseSync } from 'node:sqlite'

/** Columns that no two runs fill alike. Whether they are set still counts. */
const volatile = new Set(['applied_by', 'duration_ms', 'lastUpdated'])
const time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g

export interface DatabaseState {
  /** By table, all rows as text, sorted. */
  readonly tables: ReadonlyMap<string, string>
  readonly schema: string
}

/** What a file is that SQLite does not take for a database. */
export const noDatabase: DatabaseState = { schema: 'no database', tables: new Map() }

/** All rows and the whole schema of a database file, as values to compare. What it was interrupted in is rolled back. */
export function readState(file: string): DatabaseState {
  return orIfNoDatabase(noDatabase, file, (database) => {
    const objects = database.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name').all()
    const tables = objects.filter(({ type, name }) => type === 'table' && !String(name).startsWith('sqlite_stat'))
    return {
      schema: JSON.stringify(objects),
      tables: new Map(tables.map(({ name }) => [String(name), readTable(database, String(name))])),
    }
  })
}

/** Why two states are not the same; empty when they are. */
export function differences(
  found: DatabaseState,
  expected: DatabaseState,
  only: (table: string) => boolean = () => true,
): string[] {
  const names = new Set([...found.tables.keys(), ...expected.tables.keys()].filter(only))
  return [...names]
    .filter((name) => found.tables.get(name) !== expected.tables.get(name))
    .map((name) => `rows of ${name} differ`)
}

/** What SQLite finds wrong with the structure of a file. */
export function damageIn(file: string): string[] {
  return orIfNoDatabase([noDatabase.schema], file, (database) => {
    const findings = database
      .prepare('PRAGMA integrity_check')
      .all()
      .map((row) => String(Object.values(row)[0]))
    return findings.filter((text) => text !== 'ok')
  })
}

/** Rows without the row they refer to. A legacy database may not be asked: its foreign keys can lack their parent's index. */
export function orphansIn(file: string): string[] {
  return withDatabase(file, (database) =>
    database
      .prepare('PRAGMA foreign_key_check')
      .all()
      .map((row) => `orphan ${JSON.stringify(row)}`),
  )
}

function orIfNoDatabase<T>(otherwise: T, file: string, body: (database: DatabaseSync) => T): T {
  try {
    return withDatabase(file, body)
  } catch (error) {
    const notADatabase = 26
    if (error instanceof Error && 'errcode' in error && error.errcode === notADatabase) return otherwise
    throw error
  }
}

export function withDatabase<T>(file: string, body: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(file)
  try {
    return body(database)
  } finally {
    database.close()
  }
}

function readTable(database: DatabaseSync, name: string): string {
  const statement = database.prepare(`SELECT * FROM [${name}]`)
  statement.setReadBigInts(true)
  const isOurs = name.startsWith('selfsame_')
  const rows = statement.all().map((row) => JSON.stringify(row, (key, value: unknown) => plain(key, value, isOurs)))
  return rows.toSorted().join('\n')
}

function plain(key: string, value: unknown, isOurs: boolean): unknown {
  if (volatile.has(key) && value !== null) return 'set'
  if (isOurs && typeof value === 'string') return value.replaceAll(time, 'a time')
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  return typeof value === 'bigint' ? `${value}n` : value
}
