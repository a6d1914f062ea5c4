import { DataLayerError } from '../../../errors/index.ts'
import type { Queryable } from '../../database.ts'
import { sql } from '../../sql.ts'
import { foldName } from '../../sql-text/names.ts'
import { nameOf, tokenize } from '../../sql-text/tokenize.ts'
import type { Component, Patch } from '../component.ts'
import type { RepeatableEntry } from '../ledger/ledger.ts'
import { repeatablesOf, waits, type Repeatable } from './repeatables.ts'

/**
 * One name is recorded once, so a view and a trigger cannot share it either.
 *
 * @throws {DataLayerError} `unsupported` where two components have a repeatable of one name, naming both
 */
export function mustNotShareNames(components: readonly Component[]): void {
  const owners = new Map<string, string>()
  for (const { component, name } of repeatablesOf(components)) {
    const owner = owners.get(foldName(name))
    if (owner !== undefined && owner !== component) {
      throw new DataLayerError('unsupported', `${owner} and ${component} both create a view or trigger ${name}.`, {
        details: { name, components: [owner, component] },
      })
    }
    owners.set(foldName(name), component)
  }
}

/**
 * What stands where a repeatable of these components is still to be made: one of a component that is not among them, or what
 * somebody made. What a patch that is still to come speaks of may be gone by then, and is left for the launch to find.
 *
 * @param present names of the patches the database has
 */
export async function takenNames(
  reader: Pick<Queryable, 'query'>,
  components: readonly Component[],
  recorded: readonly RepeatableEntry[],
  present: ReadonlySet<string>,
): Promise<DataLayerError[]> {
  const entries = new Map(recorded.map((entry) => [foldName(entry.name), entry]))
  const problems: DataLayerError[] = []
  const missing: Repeatable[] = []
  for (const repeatable of repeatablesOf(components)) {
    const entry = entries.get(foldName(repeatable.name))
    const owner = entry?.component
    if (owner !== undefined && !components.some(({ name }) => name === owner)) problems.push(taken(repeatable, owner))
    else if (!entry || entry.checksum.startsWith(waits)) missing.push(repeatable)
  }
  const toCome = components.flatMap(({ patches }) => patches.filter(({ name }) => !present.has(name)))
  for (const repeatable of await standing(reader, missing)) {
    if (!toCome.some((patch) => mayRemove(patch, repeatable.name))) problems.push(taken(repeatable))
  }
  return problems
}

/** Those under whose name something is that keeps them from being created. Triggers have their names for themselves. */
export async function standing(
  reader: Pick<Queryable, 'query'>,
  repeatables: readonly Repeatable[],
): Promise<readonly Repeatable[]> {
  if (repeatables.length === 0) return []
  const names = JSON.stringify(repeatables.map(({ name }) => foldName(name)))
  const found = await reader.query<{ type: string; name: string }>(
    sql`SELECT type, name FROM sqlite_schema WHERE lower(name) IN (SELECT value FROM json_each(${names}))`,
  )
  return repeatables.filter(({ kind, name }) =>
    found.some(
      (object) => foldName(object.name) === foldName(name) && (object.type === 'trigger') === (kind === 'trigger'),
    ),
  )
}

/** @param owner the component whose it is, where one is known */
export function taken({ component, kind, name }: Repeatable, owner?: string): DataLayerError {
  const what = owner === undefined ? 'something that is not its own' : `what ${owner} created`
  return new DataLayerError(
    'foreign-schema',
    `${component} cannot create the ${kind} ${name}: under that name is ${what}. Give one of them another name.`,
    { details: { component, name, ...(owner === undefined ? {} : { owner }) } },
  )
}

/** Code does not say what it drops. In pieces it would be found too late, when a part of it is there to stay. */
function mayRemove({ statements }: Patch, name: string): boolean {
  const isInPieces = statements.some((step) => typeof step === 'object' && 'next' in step)
  return statements.some((step) => {
    if (typeof step === 'object' && 'code' in step) return !isInPieces
    const text = typeof step === 'string' ? step : step.text
    return tokenize(text).some((token) => foldName(nameOf(token) ?? '') === foldName(name))
  })
}
