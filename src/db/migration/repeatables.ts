import { DataLayerError } from '../../errors/index.ts'
import type { Queryable } from '../database.ts'
import { quoteName, sql } from '../sql.ts'
import { normaliseStatement } from '../sql-text/normalise.ts'
import { checksum } from './checksum.ts'
import type { Component } from './component.ts'
import { repeatableIdentity } from './define-component.ts'
import type { RepeatableEntry } from './ledger.ts'

interface Repeatable {
  readonly component: string
  readonly kind: 'view' | 'trigger'
  readonly name: string
  readonly text: string
  readonly checksum: string
}

/** The repeatables of some components, in the order they are created in. */
export function repeatablesOf(components: readonly Component[]): Repeatable[] {
  return components.flatMap((component) =>
    (component.repeatables ?? []).map((text) => ({
      component: component.name,
      ...repeatableIdentity(component.name, text),
      text,
      checksum: checksum(normaliseStatement(text)),
    })),
  )
}

/** Whether what was created last is exactly what the components want. */
export function repeatablesAreCurrent(components: readonly Component[], recorded: readonly RepeatableEntry[]): boolean {
  const named = new Set(components.map(({ name }) => name))
  const present = recorded.filter(({ component }) => named.has(component)).map(identity)
  const wanted = repeatablesOf(components).map(identity)
  return present.length === wanted.length && wanted.every((entry) => present.includes(entry))
}

function identity(entry: { component: string; name: string; checksum: string }): string {
  return `${entry.component}\n${entry.name}\n${entry.checksum}`
}

/** Drops the recorded repeatables of these components, newest first, and forgets them. */
export async function dropRepeatables(
  tx: Queryable,
  components: ReadonlySet<string>,
  keep: (entry: RepeatableEntry) => boolean = () => false,
): Promise<void> {
  const recorded = await tx.query<{ component: string; name: string; checksum: string; type: string | null }>(
    sql`SELECT r.component, r.name, r.checksum, s.type FROM selfsame_repeatables r
      LEFT JOIN sqlite_schema s ON s.name = r.name AND s.type IN ('view', 'trigger') ORDER BY r.rowid DESC`,
  )
  for (const entry of recorded) {
    if (!components.has(entry.component) || keep(entry)) continue
    if (entry.type) await tx.execute({ text: `DROP ${entry.type} ${quoteName(entry.name)}` })
    await tx.execute(sql`DELETE FROM selfsame_repeatables WHERE name = ${entry.name}`)
  }
}

/**
 * Creates the repeatables that are not recorded. While a patch is held a view may want what is not there yet: it is then
 * left out, and `skipped` is told.
 */
export async function createRepeatables(
  tx: Queryable,
  components: readonly Component[],
  options: { mayWait: (component: string) => boolean; skipped: (name: string) => void },
): Promise<void> {
  const rows = await tx.query<{ name: string }>(sql`SELECT name FROM selfsame_repeatables`)
  const recorded = new Set(rows.map(({ name }) => name))
  for (const repeatable of repeatablesOf(components)) {
    if (recorded.has(repeatable.name)) continue
    await tx.execute({ text: 'SAVEPOINT selfsame_repeatable' })
    try {
      await tx.execute({ text: repeatable.text })
      // SQLite takes a view over a table that is not there; reading it is what shows that it works.
      if (repeatable.kind === 'view') await tx.query({ text: `SELECT * FROM ${quoteName(repeatable.name)} LIMIT 0` })
      await tx.execute(sql`INSERT INTO selfsame_repeatables (component, name, checksum, applied_at)
        VALUES (${repeatable.component}, ${repeatable.name}, ${repeatable.checksum}, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))`)
      await tx.execute({ text: 'RELEASE selfsame_repeatable' })
    } catch (error) {
      await tx.execute({ text: 'ROLLBACK TO selfsame_repeatable' })
      await tx.execute({ text: 'RELEASE selfsame_repeatable' })
      if (error instanceof DataLayerError && error.code === 'sqlite' && options.mayWait(repeatable.component)) {
        options.skipped(repeatable.name)
        continue
      }
      throw new DataLayerError('patch-failed', `The ${repeatable.kind} ${repeatable.name} could not be created.`, {
        details: { component: repeatable.component, name: repeatable.name },
        cause: error,
        sqlite: error instanceof DataLayerError ? error.sqlite : undefined,
      })
    }
  }
}
