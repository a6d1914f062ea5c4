import { DataLayerError } from '../../../errors/index.ts'
import type { Queryable } from '../../database.ts'
import { brokenForeignKeys, type BrokenKey } from './broken-foreign-keys.ts'
import { brokenObjects } from './broken-objects.ts'

/** Views, triggers and foreign keys that do not work as things stand: what is broken before a patch is not its fault. */
export async function whatIsBroken(tx: Queryable): Promise<ReadonlySet<string>> {
  return new Set([...(await brokenObjects(tx)), ...(await brokenForeignKeys(tx)).map(nameKey)])
}

/** A broken key as a message names it. */
export function nameKey({ table, columns }: BrokenKey): string {
  return columns === '' ? `a foreign key of ${table}` : `the foreign key of ${table} (${columns})`
}

/**
 * @param when begins the sentence, for example `After the patches`
 * @throws {DataLayerError} `patch-failed`, naming what does not work and did before
 */
export async function mustStillWork(tx: Queryable, brokenBefore: ReadonlySet<string>, when: string): Promise<void> {
  const broken = [...(await whatIsBroken(tx))].filter((object) => !brokenBefore.has(object))
  if (broken.length === 0) return
  throw new DataLayerError('patch-failed', `${when} these would no longer work: ${broken.join(', ')}.`, {
    details: { objects: broken },
  })
}
