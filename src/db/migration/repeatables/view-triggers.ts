import { DataLayerError, redactText } from '../../../errors/index.ts'
import type { Queryable } from '../../database.ts'
import { sql } from '../../sql.ts'
import { foldName } from '../../sql-text/names.ts'

/** A trigger that somebody else put on a view of ours. It goes when the view goes, and has to come back with it. */
export interface ViewTrigger {
  readonly name: string
  readonly view: string
  readonly sql: string
  [column: string]: string
}

/** The triggers on these views, oldest first, but for those named in `ours`. */
export async function triggersOfOthers(
  tx: Queryable,
  views: readonly string[],
  ours: ReadonlySet<string>,
): Promise<ViewTrigger[]> {
  if (views.length === 0) return []
  const names = new Set(views.map(foldName))
  const triggers = await tx.query<ViewTrigger>(
    sql`SELECT name, tbl_name AS view, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY rowid`,
  )
  return triggers.filter(({ name, view }) => names.has(foldName(view)) && !ours.has(name))
}

/** @throws {DataLayerError} `patch-failed` naming a trigger that cannot be there any more: it is not ours to lose */
export async function putBack(tx: Queryable, triggers: readonly ViewTrigger[]): Promise<void> {
  for (const { name, view, sql: text } of triggers) {
    try {
      await tx.execute({ text })
    } catch (error) {
      if (!(error instanceof DataLayerError) || error.code !== 'sqlite') throw error
      throw new DataLayerError(
        'patch-failed',
        `The trigger ${name}, which is not of these components, could not be put back on the view ${view}: ${redactText(error.message)}`,
        { details: { trigger: name, view }, cause: error, sqlite: error.sqlite },
      )
    }
  }
}

/** @throws {DataLayerError} `patch-failed` where a view goes for good and takes somebody's trigger with it */
export function mustNotLose(triggers: readonly ViewTrigger[], what: string): void {
  const [first] = triggers
  if (!first) return
  const names = triggers.map(({ name }) => name)
  throw new DataLayerError(
    'patch-failed',
    `With the view ${first.view} would go what is not of this component: ${names.join(', ')}. Drop it before ${what}.`,
    { details: { triggers: names } },
  )
}
