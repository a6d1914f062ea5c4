import { sql } from '../../sql.ts'
import { patchError } from './apply-patch.ts'
import type { Component } from '../component.ts'
import { brokenInvariants, promisedInvariants, type OwnedInvariant } from '../checks/invariants.ts'
import type { LaunchVoice } from '../launch-voice.ts'
import { patchTransaction } from './patch-transaction.ts'
import { runSteps } from './run-steps.ts'
import type { WriteSession } from './write-session.ts'

/** Puts right what is broken of what the applied patches promise, and can be put right. */
export async function repairInvariants(
  session: WriteSession,
  components: readonly Component[],
  voice: LaunchVoice,
): Promise<void> {
  const applied = await session.tx.query<{ name: string }>(sql`SELECT name FROM selfsame_ledger`)
  const names = new Set(applied.map(({ name }) => name))
  const runner = { run: (statements: Parameters<WriteSession['tx']['batch']>[0]) => session.tx.batch(statements) }
  // Each is asked when its turn comes: the repair of one may have put the next right.
  for (const promised of promisedInvariants(components, names)) {
    const [broken] = await brokenInvariants(runner, [promised])
    if (broken) await repairInvariant(session, broken, voice)
  }
}

async function repairInvariant(session: WriteSession, { component, invariant }: OwnedInvariant, voice: LaunchVoice) {
  if (!invariant.repair) return
  // It is no patch: its end is no statement of one.
  const watcher = { ...voice.ofPatch(invariant.name), finished: () => undefined }
  const tx = patchTransaction(session.tx, { component: component.name, patch: invariant.name }, watcher)
  try {
    await runSteps(tx, [invariant.repair], watcher, session.rowsWritten)
  } catch (error) {
    throw patchError(error, invariant.name)
  }
}
