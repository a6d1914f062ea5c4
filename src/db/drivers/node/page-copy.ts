import { stat } from 'node:fs/promises'
import { backup, type DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { sqliteError } from '../../../errors/index.ts'
import { structuralDamage } from '../../structural-damage.ts'
import { longestWait } from './busy-retry.ts'
import { databaseHeld } from '../../locked.ts'
import type { CopyPagesOptions, DamageCheck, Engine, EngineDatabase } from './engine.ts'
import { codedError, isBusy, isSqliteError } from './node-error.ts'

/** Pages copied per step; each runs outside the event loop. */
const pagesPerStep = 1000
const busy = 5

/**
 * Copies a database page by page into the file at `target`, in one transaction there. Rowids stay as they are, which
 * VACUUM INTO does not promise for a table without an INTEGER PRIMARY KEY (sqlite.org/lang_vacuum.html).
 *
 * @throws {DataLayerError} `locked` when either side stays locked for `lockTimeoutMs`, about 5 seconds unless said
 */
export async function copyPages(
  source: DatabaseSync,
  target: string,
  { onProgress, lockTimeoutMs = longestWait }: CopyPagesOptions = {},
): Promise<void> {
  const pageSize = Number(Object.values(source.prepare('PRAGMA page_size').get() ?? {})[0])
  const progress = ({ totalPages, remainingPages }: { totalPages: number; remainingPages: number }) =>
    onProgress?.({ done: (totalPages - remainingPages) * pageSize, total: totalPages * pageSize })

  const started = performance.now()
  for (;;) {
    try {
      await backup(source, target, { rate: pagesPerStep, progress })
      return
    } catch (error) {
      if (!isLocked(error)) throw codedError(error)
      const waited = performance.now() - started
      if (waited >= lockTimeoutMs) throw databaseHeld(sqliteError(busy, 'database is locked'), waited)
    }
    await sleep(Math.min(20 + Math.random() * 40, Math.max(1, started + lockTimeoutMs - performance.now())))
  }
}

/** What SQLite finds wrong with the file itself. */
export function findDamage(database: EngineDatabase, check: DamageCheck = 'quick_check'): string[] {
  const rows = database.prepare(`PRAGMA ${check}`).all()
  return structuralDamage(rows.map((row) => String(Object.values(row as object)[0])))
}

/** A check of fewer bytes than this is over before anybody would miss the event loop. */
const largeFile = 32 * 1024 * 1024

/** {@link findDamage} of a file that nobody writes to: of a large one away from the event loop, where the engine can. */
export async function damageOfFile(
  database: EngineDatabase,
  path: string,
  check: DamageCheck,
  engine: Engine,
): Promise<string[]> {
  const { size } = await stat(path)
  if (size >= largeFile && engine.damageElsewhere) return engine.damageElsewhere(path, check)
  return findDamage(database, check)
}

// A step that met a lock rejects with «not an error», number 0.
function isLocked(error: unknown): boolean {
  return isBusy(error) || (isSqliteError(error) && error.errcode === 0)
}
