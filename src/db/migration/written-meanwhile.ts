import { DataLayerError } from '../../errors/index.ts'
import type { StatementRunner } from '../driver.ts'
import { checkStatement } from '../statement.ts'

/**
 * Changes with every commit: the first part with another connection's (sqlite.org/pragma.html#pragma_data_version), the
 * others with this one's, which the app's other windows or tabs may share.
 */
export type DataVersion = string

export async function readDataVersion(runner: StatementRunner): Promise<DataVersion> {
  const texts = ['PRAGMA data_version', 'PRAGMA schema_version', 'SELECT total_changes()']
  const results = await runner.run(texts.map((text) => checkStatement({ text })))
  return results.map(({ rows }) => String(rows[0]?.[0])).join(' ')
}

/** Another connection has committed since the copy was begun; nothing is written yet. Caught where copies are made. */
export class WrittenMeanwhile extends DataLayerError {
  constructor() {
    super('locked', 'Another connection wrote while the backup was made.')
  }
}

/** @throws {WrittenMeanwhile} where the database, its write lock in hand, is not what was copied */
export async function mustBeAsCopied(runner: StatementRunner, copied: DataVersion | undefined): Promise<void> {
  if (copied !== undefined && (await readDataVersion(runner)) !== copied) throw new WrittenMeanwhile()
}
