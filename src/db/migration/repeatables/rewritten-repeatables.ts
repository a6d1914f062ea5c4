import type { Queryable } from '../../database.ts'
import { sql } from '../../sql.ts'
import type { Component } from '../component.ts'
import { repeatableIdentity } from '../define-component.ts'
import { createRepeatables } from './create-repeatables.ts'
import { dropRepeatables } from './drop-repeatables.ts'
import { isAsRecorded, repeatableChecksum } from './repeatables.ts'

/** Records what SQLite has rewritten since it was called last, and says which. */
export type RenameWatch = () => Promise<ReadonlySet<string>>

interface Present {
  readonly name: string
  readonly checksum: string
  readonly type: string
  readonly text: string
  [column: string]: string
}

/**
 * SQLite writes the new name into every view and trigger when a table or a column is renamed. Those that stayed where they
 * were are still what was created, and not somebody else's.
 */
export async function watchRenames(tx: Queryable): Promise<RenameWatch> {
  let before = await readPresent(tx)
  return async () => {
    const rewritten = new Set<string>()
    const now = await readPresent(tx)
    for (const was of before) {
      const is = now.find(({ name, type, checksum }) => sameEntry(was, { name, type, checksum }))
      if (!is || is.text === was.text || !isAsRecorded(was, was.text) || isAsRecorded(was, is.text)) continue
      const checksum = repeatableChecksum(is.text)
      await tx.execute(sql`UPDATE selfsame_repeatables SET checksum = ${checksum} WHERE name = ${was.name}`)
      rewritten.add(was.name)
    }
    before = rewritten.size > 0 ? await readPresent(tx) : now
    return rewritten
  }
}

/**
 * Makes the rewritten ones of these components anew from their own text, as the next launch would: one that no longer fits is
 * found now.
 *
 * @throws {DataLayerError} `patch-failed` naming the first that could not be created and why
 */
export async function remakeRewritten(
  tx: Queryable,
  components: readonly Component[],
  rewritten: ReadonlySet<string>,
): Promise<void> {
  if (rewritten.size === 0) return
  // Only those that were here: what is new, or was dropped by somebody, is for a launch to make.
  const present = new Set((await readPresent(tx)).map(({ name }) => name))
  const own = components.map((component) => ({
    ...component,
    repeatables: (component.repeatables ?? []).filter((text) =>
      present.has(repeatableIdentity(component.name, text).name),
    ),
  }))
  const triggers = await dropRepeatables(tx, own, ({ name }) => !rewritten.has(name))
  await createRepeatables(tx, own, { mayWait: () => false, skipped: () => undefined, triggers })
}

function sameEntry(one: Omit<Present, 'text'>, other: Omit<Present, 'text'>): boolean {
  return one.name === other.name && one.type === other.type && one.checksum === other.checksum
}

function readPresent(tx: Queryable): Promise<Present[]> {
  return tx.query<Present>(
    sql`SELECT r.name, r.checksum, s.type, s.sql AS text FROM selfsame_repeatables AS r
      JOIN sqlite_schema AS s ON s.name = r.name AND s.type IN ('view', 'trigger')`,
  )
}
