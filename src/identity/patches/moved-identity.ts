import type { PatchTransaction } from '../../db/migration/component.ts'

/** What a rollback of identity-0004 took out of active_identity, for the rollback of -0003 behind it. */
export interface MovedIdentity {
  readonly activeDid: string | null
  /** Whether nobody chose another identity since the migration. */
  readonly unchanged: boolean
}

const kind = 'moved-back'

export async function keepMovedIdentity(tx: PatchTransaction, moved: MovedIdentity): Promise<void> {
  await tx.setAside({ kind, table: 'active_identity', column: 'activeDid', value: JSON.stringify(moved) })
}

export async function takeMovedIdentity(tx: PatchTransaction): Promise<MovedIdentity> {
  const kept = await tx.kept(kind)
  const last = kept.at(-1)
  await tx.giveBack(kept.map(({ id }) => id))
  return last ? (JSON.parse(String(last.value)) as MovedIdentity) : { activeDid: null, unchanged: true }
}
