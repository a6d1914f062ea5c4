import { DataLayerError } from '../../../../errors/index.ts'
import type { Call, StorageReport } from './operations.ts'

/** The way to the tab that owns the database: this one, or another. */
export interface OwnerLink {
  readonly owner: string
  readonly report: StorageReport
  /** @throws {OwnerGone} when it no longer is the owner */
  call(call: Call): Promise<unknown>
}

/** The owner is gone, or was none any more when the call came. */
export class OwnerGone extends Error {
  /** Whether it is sure that the call was not begun. */
  readonly notBegun: boolean

  constructor(notBegun: boolean) {
    super('The tab that had the database open is gone.')
    this.notBegun = notBegun
  }
}

/** For a session whose transaction was rolled back without its doing. */
export function lostSession(): DataLayerError {
  return new DataLayerError('closed', 'The tab that had the database open is gone; this transaction was rolled back.', {
    details: { rolledBack: true },
  })
}
