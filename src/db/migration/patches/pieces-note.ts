import { DataLayerError } from '../../../errors/index.ts'
import type { Queryable } from '../../database.ts'
import { sql } from '../../sql.ts'
import type { AttachedObject } from '../checks/attached-objects.ts'
import { beginningStep } from '../ledger/ledger.ts'
import type { IdentifiedViolation } from '../schema/foreign-keys.ts'

/** What the pieces of a patch have done so far. A launch that goes on cannot tell it from what others did meanwhile. */
export interface PiecesNote {
  /** Of the patch as it was begun. */
  readonly checksum: string
  /** When it was begun, as ISO-8601. */
  readonly since?: string
  /** What it says of other patches: these are told of it although no ledger row stands yet. */
  readonly requires?: readonly string[]
  readonly conflicts?: readonly string[]
  /** How many are committed. */
  readonly pieces: number
  /** The objects they made that are there. */
  readonly created: readonly string[]
  /** The rows without a parent that were there when last looked. */
  readonly known: readonly IdentifiedViolation[]
  /** Those that the pieces made. */
  readonly orphaned: readonly IdentifiedViolation[]
  /** What others had on a table that went: it is put back when the patch is done. */
  readonly aside?: readonly AttachedObject[]
  /** What others have on tables that a piece has renamed, as it was before. */
  readonly moved?: readonly AttachedObject[]
  /** Whether a piece was committed since then. */
  readonly unseen: boolean
}

const violationsStep = beginningStep - 1

/** `undefined` where the patch is not begun. */
export async function readNote(tx: Pick<Queryable, 'queryOne'>, patch: string): Promise<PiecesNote | undefined> {
  const text = await readCursor(tx, patch, beginningStep)
  if (text === undefined) return undefined
  const violations = await readCursor(tx, patch, violationsStep)
  if (violations === undefined) {
    throw new DataLayerError('corrupt', `The note of ${patch}, which is half done, cannot be read.`)
  }
  const { known, orphaned } = JSON.parse(violations) as { known: StoredViolation[]; orphaned: StoredViolation[] }
  const note = JSON.parse(text) as Omit<PiecesNote, 'known' | 'orphaned'>
  return { ...note, known: known.map(fromStored), orphaned: orphaned.map(fromStored) }
}

/** Keeps a note, in the transaction of what it speaks of; of the violations only where they are others than `before`. */
export async function writeNote(tx: Queryable, patch: string, note: PiecesNote, before?: PiecesNote): Promise<void> {
  const { known, orphaned, ...rest } = note
  await writeCursor(tx, patch, beginningStep, JSON.stringify(rest))
  if (known === before?.known && orphaned === before.orphaned) return
  const violations = { known: known.map(toStored), orphaned: orphaned.map(toStored) }
  await writeCursor(tx, patch, violationsStep, JSON.stringify(violations))
}

export async function readCursor(
  tx: Pick<Queryable, 'queryOne'>,
  patch: string,
  step: number,
): Promise<string | undefined> {
  const row = await tx.queryOne<{ cursor: string }>(
    sql`SELECT cursor FROM selfsame_cursors WHERE patch = ${patch} AND step = ${step}`,
  )
  return row?.cursor
}

export async function writeCursor(tx: Queryable, patch: string, step: number, cursor: string): Promise<void> {
  await tx.execute(sql`INSERT INTO selfsame_cursors (patch, step, cursor) VALUES (${patch}, ${step}, ${cursor})
    ON CONFLICT (patch, step) DO UPDATE SET cursor = excluded.cursor`)
}

type StoredViolation = Omit<IdentifiedViolation, 'rowid'> & { readonly rowid: string | null }

// JSON has no integers beyond 2^53.
function toStored(violation: IdentifiedViolation): StoredViolation {
  return { ...violation, rowid: violation.rowid === null ? null : String(violation.rowid) }
}

function fromStored(violation: StoredViolation): IdentifiedViolation {
  return { ...violation, rowid: violation.rowid === null ? null : BigInt(violation.rowid) }
}
