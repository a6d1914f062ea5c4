import type { Queryable } from '../../database.ts'
import type { Component } from '../component.ts'
import { createRepeatables } from '../repeatables/create-repeatables.ts'
import { dropRepeatables } from '../repeatables/drop-repeatables.ts'
import { mustStillWork } from '../checks/still-works.ts'
import type { ViewTrigger } from '../repeatables/view-triggers.ts'
import type { WriteSession } from './write-session.ts'

/**
 * Between two pieces the database is one that others may open, and where a launch may end for good: the views and triggers
 * that can be there are there.
 */
export function inPieces(
  session: WriteSession,
  components: readonly Component[],
  aside: Aside,
  brokenBefore: ReadonlySet<string>,
): WriteSession {
  const { tx } = session
  let checked: unknown
  const commitPiece = async () => {
    const changed = await schemaVersion(tx)
    await createRepeatables(tx, components, { ...aside, mayWait: () => true, skipped: () => undefined })
    // A piece that changed rows alone has broken nothing.
    if (changed !== checked) await mustStillWork(tx, brokenBefore, 'Half way through the patches')
    await session.commitPiece()
    aside.triggers = await dropRepeatables(tx, components)
    checked = await schemaVersion(tx)
  }
  return { ...session, commitPiece }
}

/** Another one after every change of the schema, by whomever. */
export async function schemaVersion(tx: Queryable): Promise<unknown> {
  return Object.values((await tx.queryOne({ text: 'PRAGMA schema_version' })) ?? {})[0]
}

/** What others have on the views that are out of the way. */
export interface Aside {
  triggers: readonly ViewTrigger[]
}
