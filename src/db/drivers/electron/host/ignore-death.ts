import { DataLayerError } from '../../../../errors/index.ts'

/** The system has let go of what an engine held that has died, and SQLite rolls back what was open: nothing is left to end. */
export function ignoreDeath(error: unknown): void {
  if (!(error instanceof DataLayerError) || (error.code !== 'closed' && error.code !== 'outcome-unknown')) throw error
}
