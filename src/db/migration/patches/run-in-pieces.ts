import { DataLayerError } from '../../../errors/index.ts'
import type { AttachedObject } from '../checks/attached-objects.ts'
import type { ChunkedStep, Patch, PatchStep, PatchTransaction } from '../component.ts'
import type { BegunPatch } from '../ledger/ledger.ts'
import { readCursor, writeCursor } from './pieces-note.ts'
import { nextPlace, runSteps, type StepWatcher } from './run-steps.ts'
import type { PieceWatch } from './watch-pieces.ts'
import type { WriteSession } from './write-session.ts'

const finished = 'finished:'
const at = 'at:'

export function isInPieces(patch: Patch): boolean {
  return patch.statements.some(isChunked)
}

/**
 * A patch with a chunked step stands on its own: every step, and every piece of a chunked one, is committed together with
 * the note of how far it is and of what it did, so that a launch that is cut off goes on there.
 */
export async function runInPieces(
  session: WriteSession,
  tx: PatchTransaction,
  { name: patch, statements: steps }: Patch,
  watch: PieceWatch,
  watcher: StepWatcher,
): Promise<void> {
  await session.commitPiece()
  watch.kept()
  let known: string | undefined
  // Between two pieces others may write: where the launch lock does not keep another launch out, this does.
  const mustBeWhereItWas = async (index: number) => {
    if ((await readCursor(session.tx, patch, index)) === known) return
    throw new DataLayerError('locked', `Another launch has gone on with ${patch} meanwhile.`)
  }
  const piece = async (index: number, run: () => Promise<string | null>) => {
    await mustBeWhereItWas(index)
    await watch.begin()
    const place = await run()
    known = place === null ? finished : `${at}${place}`
    await writeCursor(session.tx, patch, index, known)
    await watch.end()
    await session.commitPiece()
    watch.kept()
    return place
  }
  for (const [index, step] of steps.entries()) {
    const cursor = await readCursor(session.tx, patch, index)
    if (cursor === finished) continue
    known = cursor
    let rows = 0
    if (isChunked(step)) {
      let place = cursor === undefined ? null : cursor.slice(at.length)
      do {
        watcher.mayGoOn()
        const from = place
        place = await piece(index, async () => {
          const before = session.rowsWritten()
          const next = await nextPlace(step, tx, from)
          rows += session.rowsWritten() - before
          return next
        })
      } while (place !== null)
    } else {
      const finish = (_index: number, _total: number, written: number) => void (rows = written)
      await piece(index, async () => {
        await runSteps(tx, [step], { mayGoOn: () => watcher.mayGoOn(), finished: finish }, session.rowsWritten)
        return null
      })
    }
    watcher.finished(index + 1, steps.length, rows)
  }
}

/** Its text stays in the log of repairs, for whoever made it. */
export async function tellLost(tx: PatchTransaction, { type, name, table, sql: value }: AttachedObject): Promise<void> {
  await tx.repair({ kind: type, table, column: name, value })
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

function isChunked(step: PatchStep): step is ChunkedStep {
  return typeof step === 'object' && 'next' in step
}
