import { DataLayerError } from '../../../errors/index.ts'
import type { Queryable } from '../../database.ts'
import type { StatementRunner } from '../../driver.ts'
import { checkStatement } from '../../statement.ts'
import { mustOnlyRead } from './read-only.ts'
import type { Component, Invariant } from '../component.ts'

/** An invariant with its component, for those that this database's patches promise. */
export interface OwnedInvariant {
  readonly component: Component
  readonly invariant: Invariant
}

/** The invariants that hold from the applied patches on. */
export function promisedInvariants(components: readonly Component[], applied: ReadonlySet<string>): OwnedInvariant[] {
  return components.flatMap((component) =>
    (component.invariants ?? [])
      .filter(({ since }) => applied.has(since))
      .map((invariant) => ({ component, invariant })),
  )
}

/** Those of them that are broken and can be put right. All are asked in one round trip. */
export async function brokenInvariants(
  runner: StatementRunner,
  invariants: readonly OwnedInvariant[],
): Promise<OwnedInvariant[]> {
  const repairable = invariants.filter(({ invariant }) => invariant.repair)
  if (repairable.length === 0) return []
  const questions = repairable.map(({ invariant }) => checkStatement({ text: `SELECT EXISTS (${invariant.rows})` }))
  try {
    const results = await runner.run(questions)
    return repairable.filter((_, index) => Number(results[index]?.rows[0]?.[0]) !== 0)
  } catch (error) {
    // One that cannot even be asked, because a table of ours is gone, is broken; which one, only asking each can tell.
    if (!isSqlFault(error) || questions.length === 1) {
      if (isSqlFault(error)) return repairable
      throw error
    }
    const broken: OwnedInvariant[] = []
    for (const owned of repairable) broken.push(...(await brokenInvariants(runner, [owned])))
    return broken
  }
}

function isSqlFault(error: unknown): error is DataLayerError {
  return error instanceof DataLayerError && error.code === 'sqlite'
}

/** Each promised invariant with whether it holds. */
export async function checkInvariants(
  reader: Pick<Queryable, 'query'>,
  invariants: readonly OwnedInvariant[],
): Promise<{ name: string; ok: boolean; detail?: string }[]> {
  const answers: { name: string; ok: boolean; detail?: string }[] = []
  for (const { invariant } of invariants) {
    try {
      const { length } = await reader.query(mustOnlyRead({ text: invariant.rows }))
      const detail = `${length} ${length === 1 ? 'row breaks' : 'rows break'} it`
      answers.push({ name: invariant.name, ok: length === 0, ...(length === 0 ? {} : { detail }) })
    } catch (error) {
      if (!isSqlFault(error)) throw error
      answers.push({ name: invariant.name, ok: false, detail: error.message })
    }
  }
  return answers
}
