import type { Queryable } from '../../database.ts'
import { checksum } from '../checksum.ts'
import { readSnapshot, type SnapshotOptions } from './snapshot.ts'

/**
 * SHA-256, in hexadecimal, of what the schema means. Two databases have the same one when tables, columns and their order,
 * constraints, indexes, views and triggers are the same, whichever statements made them.
 */
export async function fingerprint(tx: Pick<Queryable, 'query'>, options?: SnapshotOptions): Promise<string> {
  return checksum(JSON.stringify(await readSnapshot(tx, options)))
}
