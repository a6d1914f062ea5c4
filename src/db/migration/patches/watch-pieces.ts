import type { Queryable } from '../../database.ts'
import { quoteName } from '../../sql.ts'
import { foldName } from '../../sql-text/names.ts'
import {
  attachedKey,
  attachedObjects,
  createdBy,
  droppedBy,
  hasTable,
  putBack,
  putBackOnTables,
  type AttachedObject,
} from '../checks/attached-objects.ts'
import { whatIsBroken } from '../checks/still-works.ts'
import { underNewNames } from '../checks/under-new-names.ts'
import { ownedSince, schemaObjects, type SchemaObjects } from '../ledger/owned-objects.ts'
import { checksum, patchSource } from '../checksum.ts'
import type { PatchStep } from '../component.ts'
import type { OwnedPatch } from '../patch-order.ts'
import { schemaVersion } from './between-pieces.ts'
import type { PatchVoice } from './patch-transaction.ts'
import { writeNote, type PiecesNote } from './pieces-note.ts'
import { identifiedViolations, newViolations, type IdentifiedViolation } from '../schema/foreign-keys.ts'
import { readForeignKeys } from '../schema/read-foreign-keys.ts'
import type { WriteSession } from './write-session.ts'

/** As many rows with parents are looked through after every piece; of more, the pieces together cost a look each. */
const fewRows = 10_000

/** The session of the pieces, and what they say that they drop. */
type WatchedSession = Pick<WriteSession, 'tx' | 'rowsWritten'> & Pick<PatchVoice, 'drops'>

/**
 * Tells what the pieces of a patch do from what others do between them: others may open the database then, and make
 * tables, and rows without a parent.
 */
export class PieceWatch {
  readonly #session: WatchedSession
  readonly #owned: OwnedPatch
  #stored: PiecesNote
  #note: PiecesNote
  #objects: SchemaObjects = new Map()
  #attached: readonly AttachedObject[] = []
  #version: unknown
  #rowsAtFirst: number | undefined
  #pieces: number | undefined

  /** @param begun what is kept of it; `undefined` to begin it now, with the rows that had no parent before it */
  static async of(
    session: WatchedSession,
    owned: OwnedPatch,
    begun: PiecesNote | undefined,
    known: readonly IdentifiedViolation[],
  ): Promise<PieceWatch> {
    if (begun) return new PieceWatch(session, owned, begun)
    const { requires = [], conflicts = [] } = owned.patch
    const note = {
      ...{
        since: new Date().toISOString(),
        requires,
        conflicts,
        checksum: checksum(patchSource(owned.patch)),
        pieces: 0,
        created: [],
      },
      ...{ known, orphaned: [], unseen: false },
    }
    await writeNote(session.tx, owned.patch.name, note)
    return new PieceWatch(session, owned, note)
  }

  private constructor(session: WatchedSession, owned: OwnedPatch, note: PiecesNote) {
    this.#session = session
    this.#owned = owned
    this.#stored = note
    this.#note = note
  }

  /** The objects that the pieces made. */
  get created(): readonly string[] {
    return this.#note.created
  }

  /** How many pieces are committed; `undefined` until the patch is begun. */
  get pieces(): number | undefined {
    return this.#pieces
  }

  /** What was noted is committed. */
  kept(): void {
    this.#pieces = this.#stored.pieces
  }

  /** Before a piece: what is there now is not its doing. */
  async begin(): Promise<void> {
    const { tx } = this.#session
    const version = await schemaVersion(tx)
    if (version !== this.#version) {
      this.#objects = await schemaObjects(tx)
      this.#attached = await attachedObjects(tx)
    }
    this.#version = version
    if (!(await this.#hasFewRows())) return
    if (this.#note.unseen) await this.#look()
    else this.#note = { ...this.#note, known: sameOr(this.#note.known, await identifiedViolations(tx)) }
  }

  /** After a piece, in its transaction: keeps what it did. */
  async end(): Promise<void> {
    const { tx } = this.#session
    if ((await schemaVersion(tx)) !== this.#version) {
      await this.#takeAside()
      await this.#noteMoved()
      const after = await schemaObjects(tx)
      const before = this.#note.created.filter((object) => this.#objects.has(object))
      const created = await ownedSince(tx, this.#owned.component.name, this.#objects, after, before)
      this.#note = { ...this.#note, created }
      const renamed = (rows: readonly IdentifiedViolation[]) => underNewNames(rows, this.#objects, after)
      const { known, orphaned } = this.#note
      this.#note = { ...this.#note, known: renamed(known), orphaned: renamed(orphaned) }
      this.#objects = after
      this.#attached = await attachedObjects(tx)
      this.#version = await schemaVersion(tx)
    }
    if (await this.#hasFewRows()) await this.#look()
    else this.#note = { ...this.#note, unseen: true }
    this.#note = { ...this.#note, pieces: this.#note.pieces + 1 }
    await writeNote(tx, this.#owned.patch.name, this.#note, this.#stored)
    this.#stored = this.#note
  }

  /**
   * When the patch is done: puts back what others had on tables that it made anew. On a table that later pieces still fill, a
   * trigger would run for every row.
   *
   * @returns what is lost: the pieces are committed, and nothing can be refused any more. An index goes with a table that is
   * gone for good.
   */
  async putBack(): Promise<readonly AttachedObject[]> {
    const { tx, drops } = this.#session
    const dropped = [...drops, ...this.#owned.patch.statements.map(textOf)].flatMap(droppedBy)
    // What the patch has made under its name itself takes its place.
    const settled = new Set([...dropped, ...(await attachedObjects(tx)).map(attachedKey)])
    const lost: AttachedObject[] = []
    for (const object of this.#note.aside ?? []) {
      if (settled.has(attachedKey(object))) continue
      settled.add(attachedKey(object))
      const found = await this.#putBackOne(object)
      if (found === 'unfit' || (found === 'no table' && object.type === 'trigger')) lost.push(object)
    }
    return lost
  }

  /** The rows that the pieces left without a parent and that still have none `now`. */
  orphaned(now: readonly IdentifiedViolation[]): readonly IdentifiedViolation[] {
    const { known, orphaned, unseen } = this.#note
    return stillThere(unseen ? [...orphaned, ...newViolations(known, now)] : orphaned, now)
  }

  /** What goes in this piece, and does not fit the table that it leaves, refuses it: it is not committed yet. */
  async #takeAside(): Promise<void> {
    const { tx, drops } = this.#session
    const { component, patch } = this.#owned
    const before = this.#attached
    const there = new Set((await attachedObjects(tx)).map(attachedKey))
    // What a later piece of the patch makes by the same name is its own.
    const said = patch.statements.flatMap((step) => createdBy(textOf(step)))
    const change = { component: component.name, before, drops, made: [...this.created, ...said] }
    const waiting = await putBackOnTables(tx, change)
    const back = new Set((await attachedObjects(tx)).map(attachedKey).filter((key) => !there.has(key)))
    const going: AttachedObject[] = []
    for (const object of before) {
      const isGoing = back.has(attachedKey(object)) ? await takeOut(tx, object) : waiting.includes(object)
      if (isGoing) going.push(object)
    }
    if (going.length > 0) this.#note = { ...this.#note, aside: [...(this.#note.aside ?? []), ...going] }
  }

  async #putBackOne(object: AttachedObject): Promise<'back' | 'unfit' | 'no table'> {
    const { tx } = this.#session
    const first = this.#firstForm(object)
    let found: 'unfit' | 'no table' = 'no table'
    // As it was when the patch was begun, and on the table that a renaming has made of that.
    for (const form of first === object ? [object] : [first, object]) {
      if (!(await hasTable(tx, form))) continue
      if (await fits(tx, form)) return 'back'
      found = 'unfit'
    }
    return found
  }

  #firstForm(object: AttachedObject): AttachedObject {
    return this.#note.moved?.find((first) => attachedKey(first) === attachedKey(object)) ?? object
  }

  /** A renaming rewrites what is on a table; dropped under the new name, it would be put back on no other. */
  async #noteMoved(): Promise<void> {
    const now = await attachedObjects(this.#session.tx)
    const renamed = this.#attached.filter(
      (object) =>
        this.#firstForm(object) === object &&
        now.some(
          (other) => attachedKey(other) === attachedKey(object) && foldName(other.table) !== foldName(object.table),
        ),
    )
    if (renamed.length > 0) this.#note = { ...this.#note, moved: [...(this.#note.moved ?? []), ...renamed] }
  }

  async #look(): Promise<void> {
    const now = await identifiedViolations(this.#session.tx)
    const { known, orphaned } = this.#note
    const left = stillThere([...orphaned, ...newViolations(known, now)], now)
    this.#note = { ...this.#note, known: sameOr(known, now), orphaned: sameOr(orphaned, left), unseen: false }
  }

  /** Looking costs as much as there are rows with parents; done after every piece of a large table it would cost most. */
  async #hasFewRows(): Promise<boolean> {
    const { tx, rowsWritten } = this.#session
    this.#rowsAtFirst ??= (await childRows(tx)) - rowsWritten()
    return this.#rowsAtFirst + rowsWritten() <= fewRows
  }
}

function textOf(step: PatchStep): string {
  if (typeof step === 'string') return step
  return 'text' in step ? step.text : ''
}

/** @returns `false` for an index that a foreign key cannot do without: it stays */
async function takeOut(tx: Queryable, object: AttachedObject): Promise<boolean> {
  const before = object.type === 'index' ? await whatIsBroken(tx) : undefined
  await tx.execute({ text: `DROP ${object.type} ${quoteName(object.name)}` })
  if (!before || [...(await whatIsBroken(tx))].every((broken) => before.has(broken))) return true
  await putBack(tx, object)
  return false
}

/** Puts it back where it then works: a trigger may be made that never could run. */
async function fits(tx: Queryable, object: AttachedObject): Promise<boolean> {
  const before = await whatIsBroken(tx)
  try {
    await putBack(tx, object)
  } catch {
    return false
  }
  if ([...(await whatIsBroken(tx))].every((broken) => before.has(broken))) return true
  await tx.execute({ text: `DROP ${object.type} ${quoteName(object.name)}` })
  return false
}

/** The rows of all tables with a foreign key, counted only as far as that is quick. */
async function childRows(tx: Queryable): Promise<number> {
  let rows = 0
  for (const table of new Set((await readForeignKeys(tx)).map((key) => key.table))) {
    const text = `SELECT count(*) AS rows FROM (SELECT 1 FROM ${quoteName(table)} LIMIT ${fewRows + 1})`
    rows += Number((await tx.queryOne({ text }))?.rows)
  }
  return rows
}

function stillThere(
  orphaned: readonly IdentifiedViolation[],
  now: readonly IdentifiedViolation[],
): readonly IdentifiedViolation[] {
  const mended = newViolations(now, orphaned)
  return mended.length === 0 ? orphaned : orphaned.filter((violation) => !mended.includes(violation))
}

/** The list that is kept already where the other one says the same. */
function sameOr(kept: readonly IdentifiedViolation[], found: readonly IdentifiedViolation[]) {
  const isSame = newViolations(kept, found).length === 0 && newViolations(found, kept).length === 0
  return isSame ? kept : found
}
