import { backup, type DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { DataLayerError } from '../../../errors/index.ts'
import { structuralDamage } from '../../structural-damage.ts'
import { longestWait } from './busy-retry.ts'
import type { EngineDatabase } from './engine.ts'
import { codedError, isBusy, isSqliteError } from './node-error.ts'

/** Pages copied per step; each runs outside the event loop. */
const pagesPerStep = 1000

/**
 * Copies a database page by page into the file at `target`, in one transaction there. Rowids stay as they are, which
 * VACUUM INTO does not promise for a table without an INTEGER PRIMARY KEY (sqlite.org/lang_vacuum.html).
 *
 * @throws {DataLayerError} `locked` when either side stays locked for about 5 seconds
 */
export async function copyPages(source: DatabaseSync, target: string): Promise<void> {
  const end = performance.now() + longestWait
  for (;;) {
    try {
      await backup(source, target, { rate: pagesPerStep })
      return
    } catch (error) {
      if (!isLocked(error)) throw codedError(error)
      if (performance.now() >= end) throw new DataLayerError('locked')
    }
    await sleep(20 + Math.random() * 40)
  }
}

/**
 * What SQLite finds wrong with the file itself.
 *
 * @param check `integrity_check` holds every index against its table too, and takes longer
 */
export function findDamage(
  database: EngineDatabase,
  check: 'quick_check' | 'integrity_check' = 'quick_check',
): string[] {
  const rows = database.prepare(`PRAGMA ${check}`).all()
  return structuralDamage(rows.map((row) => String(Object.values(row as object)[0])))
}

// A step that met a lock rejects with «not an error», number 0.
function isLocked(error: unknown): boolean {
  return isBusy(error) || (isSqliteError(error) && error.errcode === 0)
}
