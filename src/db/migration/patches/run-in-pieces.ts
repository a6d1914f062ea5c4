import { DataLayerError } from '../../../errors/index.ts'
import type { Queryable } from '../../database.ts'
import { sql } from '../../sql.ts'
import type { Baseline } from './apply-patch.ts'
import type { ChunkedStep, Patch, PatchStep, PatchTransaction } from '../component.ts'
import { checksum, patchSource } from '../checksum.ts'
import { beginningStep, type BegunPatch } from '../ledger/ledger.ts'
import { runSteps, type StepWatcher } from './run-steps.ts'
import type { ForeignKeyViolation } from '../schema/foreign-keys.ts'
import type { WriteSession } from './write-session.ts'

const finished = 'finished:'
const at = 'at:'

export function isInPieces(patch: Patch): boolean {
  return patch.statements.some(isChunked)
}

/**
 * A patch with a chunked step stands on its own: every step, and every piece of a chunked one, is committed together with
 * the note of how far it is, so that a launch that is cut off goes on there.
 */
export async function runInPieces(
  session: WriteSession,
  tx: PatchTransaction,
  patch: string,
  steps: readonly PatchStep[],
  watcher: StepWatcher,
): Promise<void> {
  await session.commitPiece()
  for (const [index, step] of steps.entries()) {
    let cursor = await readCursor(session.tx, patch, index)
    if (cursor === finished) continue
    let rows = 0
    if (isChunked(step)) {
      let place = cursor === undefined ? null : cursor.slice(at.length)
      do {
        watcher.mayGoOn()
        const before = session.rowsWritten()
        place = await step.next(tx, place)
        rows += session.rowsWritten() - before
        cursor = place === null ? finished : `${at}${place}`
        await writeCursor(session.tx, patch, index, cursor)
        await session.commitPiece()
      } while (place !== null)
    } else {
      const finish = (_index: number, _total: number, written: number) => void (rows = written)
      await runSteps(tx, [step], { mayGoOn: () => watcher.mayGoOn(), finished: finish }, session.rowsWritten)
      await writeCursor(session.tx, patch, index, finished)
      await session.commitPiece()
    }
    watcher.finished(index + 1, steps.length, rows)
  }
  await session.tx.execute(sql`DELETE FROM selfsame_cursors WHERE patch = ${patch}`)
}

/** What was there when a patch in pieces was begun; `undefined` when it was not. A launch that goes on cannot see it again. */
export async function readBeginning(tx: Pick<Queryable, 'queryOne'>, patch: string): Promise<Baseline | undefined> {
  const text = await readCursor(tx, patch, beginningStep)
  if (text === undefined) return undefined
  const { violations, objects } = JSON.parse(text) as { violations: StoredViolation[]; objects: string[] }
  return {
    violations: violations.map((violation) => ({
      ...violation,
      rowid: violation.rowid === null ? null : BigInt(violation.rowid),
    })),
    objects: new Set(objects),
  }
}

/** Keeps what is there as a patch in pieces begins. It is committed with the first piece. */
export async function writeBeginning(tx: Queryable, patch: Patch, { violations, objects }: Baseline): Promise<void> {
  const stored: StoredViolation[] = violations.map((violation) => ({
    ...violation,
    // JSON has no integers beyond 2^53.
    rowid: violation.rowid === null ? null : String(violation.rowid),
  }))
  const beginning = { checksum: checksum(patchSource(patch)), violations: stored, objects: [...objects] }
  await writeCursor(tx, patch.name, beginningStep, JSON.stringify(beginning))
}

/** @throws {DataLayerError} `unsupported` while a patch of one of these components is half done: neither way fits then */
export function mustNotBeBegun(components: ReadonlySet<string>, begun: readonly BegunPatch[]): void {
  const half = begun.find(({ name }) => components.has(name.slice(0, name.lastIndexOf('-'))))
  if (!half) return
  throw new DataLayerError(
    'unsupported',
    `${half.name} is half done. Launch to finish it first, or restore a backup.`,
    {
      details: { patch: half.name },
    },
  )
}

type StoredViolation = Omit<ForeignKeyViolation, 'rowid'> & { readonly rowid: string | null }

function isChunked(step: PatchStep): step is ChunkedStep {
  return typeof step === 'object' && 'next' in step
}

async function readCursor(tx: Pick<Queryable, 'queryOne'>, patch: string, step: number): Promise<string | undefined> {
  const row = await tx.queryOne<{ cursor: string }>(
    sql`SELECT cursor FROM selfsame_cursors WHERE patch = ${patch} AND step = ${step}`,
  )
  return row?.cursor
}

async function writeCursor(tx: Queryable, patch: string, step: number, cursor: string): Promise<void> {
  await tx.execute(sql`INSERT INTO selfsame_cursors (patch, step, cursor) VALUES (${patch}, ${step}, ${cursor})
    ON CONFLICT (patch, step) DO UPDATE SET cursor = excluded.cursor`)
}
