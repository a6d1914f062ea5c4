import type { DriverConnection } from 'selfsame'

type Runner = Pick<DriverConnection, 'run'>

/** Drops everything there is in a database, and removes its copies: keys may be in both. */
export async function emptyDatabase(connection: DriverConnection): Promise<void> {
  const session = await connection.reserve()
  try {
    await run(session, 'PRAGMA foreign_keys = OFF', 'BEGIN IMMEDIATE')
    // A virtual table takes its own tables along, so what is left is asked for anew.
    for (const kind of ["type = 'view'", "sql LIKE 'CREATE VIRTUAL TABLE%'", "type = 'table'"]) {
      const things = await rows(
        session,
        `SELECT type, name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite|_%' ESCAPE '|' AND ${kind}`,
      )
      for (const [type, name] of things) await run(session, `DROP ${String(type)} ${quoted(String(name))}`)
    }
    await run(session, 'PRAGMA user_version = 0', 'PRAGMA application_id = 0', 'COMMIT')
  } finally {
    await session.release()
  }
  // What was dropped is in free pages until then.
  await run(connection, 'VACUUM')
  for (const { location } of (await connection.copies?.list({})) ?? []) await connection.copies?.remove(location)
}

async function run(runner: Runner, ...texts: string[]): Promise<void> {
  await runner.run(texts.map((text) => ({ text, params: [] })))
}

async function rows(runner: Runner, text: string) {
  const [result] = await runner.run([{ text, params: [] }])
  return result?.rows ?? []
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
