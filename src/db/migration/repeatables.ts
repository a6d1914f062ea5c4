import { DataLayerError } from '../../errors/index.ts'
import type { Queryable } from '../database.ts'
import { quoteName, sql } from '../sql.ts'
import { normaliseStatement } from '../sql-text/normalise.ts'
import type { Statement } from '../statement.ts'
import { canFire } from './broken-objects.ts'
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

/** What stands before the checksum of one that was left out because it needs a patch that waits. */
const waits = 'waits '

/**
 * Whether what was created last is exactly what the components want. One that was left out will do for as long as a patch
 * of its component waits.
 */
export function repeatablesAreCurrent(
  components: readonly Component[],
  recorded: readonly RepeatableEntry[],
  held: readonly string[],
): boolean {
  const named = new Set(components.map(({ name }) => name))
  const waiting = new Set(
    components.filter(({ patches }) => patches.some(({ name }) => held.includes(name))).map(({ name }) => name),
  )
  const present = recorded.filter(({ component }) => named.has(component))
  const known = new Set(
    present.map((entry) =>
      identity(
        waiting.has(entry.component) && entry.checksum.startsWith(waits)
          ? { ...entry, checksum: entry.checksum.slice(waits.length) }
          : entry,
      ),
    ),
  )
  const wanted = repeatablesOf(components).map(identity)
  return present.length === wanted.length && wanted.every((entry) => known.has(entry))
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
    // What was left out is not there: another object may have its name. A trigger may have gone with its view.
    const isOurs = entry.type !== null && !entry.checksum.startsWith(waits)
    if (isOurs) await tx.execute({ text: `DROP ${entry.type} IF EXISTS ${quoteName(entry.name)}` })
    await tx.execute(sql`DELETE FROM selfsame_repeatables WHERE name = ${entry.name}`)
  }
  // Those that were to stay and went with another, or that somebody dropped.
  for (const component of components) {
    await tx.execute(sql`DELETE FROM selfsame_repeatables WHERE component = ${component} AND NOT EXISTS
      (SELECT 1 FROM sqlite_schema s WHERE s.name = selfsame_repeatables.name AND s.type IN ('view', 'trigger'))`)
  }
}

const keptCodes: ReadonlySet<string> = new Set([
  'no-space',
  'storage-unavailable',
  'corrupt',
  'locked',
  'outcome-unknown',
  'closed',
])

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
      await mustWork(tx, repeatable, options.mayWait(repeatable.component))
      await tx.execute(record(repeatable))
      await tx.execute({ text: 'RELEASE selfsame_repeatable' })
    } catch (error) {
      // A full disk or an I/O error says more by its own code, and may have ended the transaction, savepoints included.
      if (error instanceof DataLayerError && keptCodes.has(error.code)) throw error
      await tx.execute({ text: 'ROLLBACK TO selfsame_repeatable' })
      await tx.execute({ text: 'RELEASE selfsame_repeatable' })
      if (error instanceof DataLayerError && error.code === 'sqlite' && options.mayWait(repeatable.component)) {
        options.skipped(repeatable.name)
        await tx.execute(record({ ...repeatable, checksum: `${waits}${repeatable.checksum}` }))
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

function record({ component, name, checksum: sum }: Repeatable): Statement {
  return sql`INSERT INTO selfsame_repeatables (component, name, checksum, applied_at)
    VALUES (${component}, ${name}, ${sum}, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))`
}

/** SQLite takes a view or a trigger that speaks of what is not there; using it is what shows that it works. */
async function mustWork(tx: Queryable, { kind, name }: Repeatable, mayWait: boolean): Promise<void> {
  if (kind === 'view') await tx.query({ text: `SELECT * FROM ${quoteName(name)} LIMIT 0` })
  // Otherwise the check of everything at the end finds it, and knows what was broken before.
  else if (mayWait && !(await canFire(tx, name))) throw new DataLayerError('sqlite', `The trigger ${name} cannot fire.`)
}
