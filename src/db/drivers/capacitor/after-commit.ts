import { DataLayerError } from '../../../errors/index.ts'
import { codedError } from './plugin-error.ts'

/**
 * Runs what comes after a write was committed.
 *
 * @throws {DataLayerError} `outcome-unknown` where it fails: another code would say that nothing was written
 */
export async function afterCommit<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const cause = codedError(error)
    throw new DataLayerError('outcome-unknown', 'The write was committed, and what it did could not be asked for.', {
      cause,
      ...(cause.details ? { details: cause.details } : {}),
    })
  }
}
