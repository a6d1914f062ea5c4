import type { Queryable } from '../../database.ts'
import { quoteName, sql } from '../../sql.ts'
import type { Component } from '../component.ts'
import type { RepeatableEntry } from '../ledger/ledger.ts'
import { isAsRecorded, oneOfEachName, repeatablesOf, waits } from './repeatables.ts'
import { triggersOfOthers, type ViewTrigger } from './view-triggers.ts'

interface Recorded extends RepeatableEntry {
  readonly type: 'view' | 'trigger' | null
  [column: string]: string | null
}

/**
 * Drops the recorded repeatables of these components, in the reverse of the order they are created in, and forgets them.
 *
 * @returns triggers that others have on the dropped views: {@link createRepeatables} puts them back
 */
export async function dropRepeatables(
  tx: Queryable,
  components: readonly Component[],
  keep: (entry: RepeatableEntry) => boolean = () => false,
): Promise<ViewTrigger[]> {
  const recorded = (await readRecorded(tx)).filter(({ component }) => components.some(({ name }) => name === component))
  const going = inReverse(
    components,
    recorded.filter((entry) => !keep(entry)),
  )
  // What was left out is not there, and what somebody made under its name is theirs.
  const ours = going.filter((entry) => entry.text !== null && isAsRecorded(entry, entry.text))
  const views = ours.filter(({ type }) => type === 'view').map(({ name }) => name)
  const aside = await triggersOfOthers(tx, views, new Set(recorded.map(({ name }) => name)))
  for (const { type, name } of ours) {
    // A trigger may have gone with its view.
    await tx.execute({ text: `DROP ${type} IF EXISTS ${quoteName(name)}` })
  }
  for (const { name } of going) await tx.execute(sql`DELETE FROM selfsame_repeatables WHERE name = ${name}`)
  // Those that were to stay and went with another, or that somebody dropped.
  for (const { name } of components) {
    await tx.execute(sql`DELETE FROM selfsame_repeatables WHERE component = ${name} AND checksum NOT GLOB ${`${waits}*`}
      AND NOT EXISTS (SELECT 1 FROM sqlite_schema s WHERE s.name = selfsame_repeatables.name AND s.type IN ('view', 'trigger'))`)
  }
  return aside
}

async function readRecorded(tx: Queryable): Promise<Recorded[]> {
  const found = await tx.query<Recorded>(
    sql`SELECT r.component, r.name, r.checksum, s.type, s.sql AS text FROM selfsame_repeatables r
      LEFT JOIN sqlite_schema s ON s.name = r.name AND s.type IN ('view', 'trigger') ORDER BY r.rowid`,
  )
  return oneOfEachName(found)
}

/** One that is no longer wanted goes first: what it was made after is not known any more. */
function inReverse(components: readonly Component[], recorded: readonly Recorded[]): Recorded[] {
  const order = repeatablesOf(components)
  const place = ({ component, name }: Recorded) => {
    const index = order.findIndex((repeatable) => repeatable.component === component && repeatable.name === name)
    return index < 0 ? order.length : index
  }
  return recorded.toSorted((one, other) => place(one) - place(other)).toReversed()
}
