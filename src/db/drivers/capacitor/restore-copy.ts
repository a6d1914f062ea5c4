import type { Bridge } from './bridge.ts'

interface SchemaObject {
  readonly type: string
  readonly name: string
  readonly sql: string | null
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`

/**
 * Puts the content of the attached `selfsame_copy` in the place of the database's, in one transaction: killed at any point,
 * SQLite's own journal leaves the old content or the new. Expects foreign keys and CHECKs to be off.
 *
 * @param check is asked before the commit, and rolls back by throwing
 */
export async function restoreFrom(bridge: Bridge, check: () => Promise<void> = async () => undefined): Promise<void> {
  const present = await objectsOf(bridge, 'main')
  const wanted = await objectsOf(bridge, 'selfsame_copy')
  const removed = [...present].toSorted((a, b) => dropOrder(a) - dropOrder(b))
  const made = wanted.filter(({ sql, name }) => sql !== null && !name.startsWith('sqlite_'))
  const tables = made.filter(({ type }) => type === 'table')
  const shadows = await shadowTables(bridge)
  const statements = [
    ...removed
      .filter(({ name, type }) => !name.startsWith('sqlite_') && type !== 'index')
      // A virtual table takes its shadow tables along; a table its triggers.
      .map(({ type, name }) => `DROP ${type} IF EXISTS main.${quoted(name)}`),
    ...tables.filter(({ name }) => !shadows.has(name)).map(({ sql }) => String(sql)),
  ]
  for (const { name, sql } of tables) {
    if (isVirtual(sql)) continue
    // Making a virtual table has put the first rows into its shadow tables.
    // It makes some of them later than others (_stat of FTS3 with automerge).
    if (shadows.has(name))
      statements.push(
        String(sql).replace(/^CREATE TABLE /i, 'CREATE TABLE IF NOT EXISTS '),
        `DELETE FROM main.${quoted(name)}`,
      )
    const columns = (await copiedColumns(bridge, name)).join(', ')
    statements.push(
      `INSERT INTO main.${quoted(name)} (${columns}) SELECT ${columns} FROM selfsame_copy.${quoted(name)}`,
    )
  }
  if (wanted.some(({ name }) => name === 'sqlite_sequence')) {
    statements.push('DELETE FROM main.sqlite_sequence')
    statements.push('INSERT INTO main.sqlite_sequence SELECT * FROM selfsame_copy.sqlite_sequence')
  }
  if (wanted.some(({ name }) => name === 'sqlite_stat1')) {
    // It makes the table, and measures nothing.
    statements.push('ANALYZE main.sqlite_schema', 'DELETE FROM main.sqlite_stat1')
    statements.push('INSERT INTO main.sqlite_stat1 SELECT * FROM selfsame_copy.sqlite_stat1')
  }
  statements.push(...made.filter(({ type }) => type !== 'table').map(({ sql }) => String(sql)))
  for (const pragma of ['user_version', 'application_id']) {
    const { rows } = await bridge.query({ text: `PRAGMA selfsame_copy.${pragma}`, values: [] })
    statements.push(`PRAGMA main.${pragma} = ${Number(Object.values(rows[0] ?? {})[0])}`)
  }
  const control = (text: string) => bridge.query({ text, values: [] })
  const bound = statements.map((text) => ({ text, values: [] }))
  try {
    await control('BEGIN IMMEDIATE')
    try {
      await bridge.runSet(bound)
    } catch {
      // A set takes the rowid -1 for a failure. One by one, they fail only where SQLite refuses one.
      await control('ROLLBACK').catch(() => undefined)
      await control('BEGIN IMMEDIATE')
      for (const statement of bound) await bridge.query(statement)
    }
    await check()
    await control('COMMIT')
  } catch (error) {
    await control('ROLLBACK').catch(() => undefined)
    throw error
  }
}

async function objectsOf(bridge: Bridge, schema: string): Promise<SchemaObject[]> {
  const text = `SELECT type, name, sql FROM ${schema}.sqlite_master ORDER BY rowid`
  return (await bridge.query({ text, values: [] })).rows as unknown as SchemaObject[]
}

async function shadowTables(bridge: Bridge): Promise<Set<string>> {
  const text = `SELECT name FROM pragma_table_list WHERE schema = 'selfsame_copy' AND type = 'shadow'`
  return new Set((await bridge.query({ text, values: [] })).rows.map(({ name }) => String(name)))
}

/** The columns that an INSERT may fill, and the rowid where the table has one that is no column. */
async function copiedColumns(bridge: Bridge, table: string): Promise<string[]> {
  const literal = `'${table.replaceAll("'", "''")}'`
  const { rows } = await bridge.query({
    text: `SELECT name, hidden, (SELECT wr FROM pragma_table_list(${literal}) WHERE schema = 'selfsame_copy') AS wr
      FROM pragma_table_xinfo(${literal}, 'selfsame_copy')`,
    values: [],
  })
  const names = rows.map(({ name }) => String(name).toLowerCase())
  const rowid = rows[0]?.['wr'] === 0 ? ['rowid', '_rowid_', 'oid'].find((alias) => !names.includes(alias)) : undefined
  const columns = rows.filter(({ hidden }) => hidden === 0).map(({ name }) => quoted(String(name)))
  return rowid ? [rowid, ...columns] : columns
}

function isVirtual(sql: string | null): boolean {
  return /^\s*CREATE\s+VIRTUAL/i.test(sql ?? '')
}

function dropOrder({ type, sql }: SchemaObject): number {
  if (type === 'trigger') return 0
  if (type === 'view') return 1
  return isVirtual(sql) ? 2 : 3
}
