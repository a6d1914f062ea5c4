import type { Queryable } from '../../database.ts'
import { quoteName } from '../../sql.ts'
import { inventory } from './inventory.ts'
import { restoring } from './restoring.ts'

/**
 * Runs `body` while the table's own triggers are gone, then makes them again from their own text, in their order: so that
 * a migration's writes do not look like the app's. Triggers of other tables stay and fire.
 *
 * @throws whatever `body` throws, and {DataLayerError} `unsupported` where the table's triggers could not be brought back
 */
export async function withoutTriggers<T>(tx: Queryable, table: string, body: () => Promise<T>): Promise<T> {
  const { triggers } = await inventory(tx, table)
  if (triggers.length === 0) return body()
  return restoring(
    async () => {
      await tx.batch(triggers.map(({ name }) => ({ text: `DROP TRIGGER ${quoteName(name)}` })))
      return body()
    },
    async () => void (await tx.batch(triggers.map(({ sql }) => ({ text: sql })))),
  )
}
