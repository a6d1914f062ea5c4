import type { Queryable } from '../database.ts'
import type { StatementRunner } from '../driver.ts'
import { checkStatement } from '../statement.ts'
import type { Component, Invariant } from './component.ts'

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
  const results = await runner.run(
    repairable.map(({ invariant }) => checkStatement({ text: `SELECT EXISTS (${invariant.rows})` })),
  )
  return repairable.filter((_, index) => Number(results[index]?.rows[0]?.[0]) !== 0)
}

/** Each promised invariant with whether it holds. */
export async function checkInvariants(
  reader: Pick<Queryable, 'query'>,
  invariants: readonly OwnedInvariant[],
): Promise<{ name: string; ok: boolean; detail?: string }[]> {
  const answers: { name: string; ok: boolean; detail?: string }[] = []
  for (const { invariant } of invariants) {
    const rows = await reader.query({ text: invariant.rows })
    answers.push({
      name: invariant.name,
      ok: rows.length === 0,
      ...(rows.length === 0 ? {} : { detail: `${rows.length} ${rows.length === 1 ? 'row breaks' : 'rows break'} it` }),
    })
  }
  return answers
}
