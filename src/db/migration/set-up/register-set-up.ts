import type { Queryable } from '../../database.ts'
import { sql } from '../../sql.ts'
import type { OwnedPatch } from '../patch-order.ts'

/** Notes the set-up that a patch leaves for later. Part of applying the patch, in its transaction. */
export async function registerSetUp(tx: Queryable, { component, patch }: OwnedPatch): Promise<void> {
  for (const step of patch.setUp ?? []) {
    await tx.execute(sql`INSERT INTO selfsame_set_up (component, patch, name, action, objects)
      VALUES (${component.name}, ${patch.name}, ${step.name}, ${step.action}, '[]')`)
  }
}
