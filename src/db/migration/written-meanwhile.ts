import { DataLayerError } from '../../errors/index.ts'
import type { StatementRunner } from '../driver.ts'
import { checkStatement } from '../statement.ts'

/** Changes when another connection commits (sqlite.org/pragma.html#pragma_data_version). */
export type DataVersion = string

export async function readDataVersion(runner: StatementRunner): Promise<DataVersion> {
  const [result] = await runner.run([checkStatement({ text: 'PRAGMA data_version' })])
  return String(result?.rows[0]?.[0])
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
