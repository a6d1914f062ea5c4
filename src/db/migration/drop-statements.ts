import { DataLayerError } from '../../errors/index.ts'
import type { Queryable } from '../database.ts'
import { normaliseStatement } from '../sql-text/normalise.ts'
import { sql } from '../sql.ts'
import type { Component } from './component.ts'
import type { History } from './ledger/ledger.ts'

type Kept = Pick<History, 'dropStatements'>

/** Keeps each component's own drop statements, for a drop by somebody who does not have the component. */
export async function keepDropStatements(tx: Queryable, components: readonly Component[]): Promise<void> {
  for (const { name, drop = [] } of components) {
    await tx.execute(sql`UPDATE selfsame_ledger SET drop_statements = ${JSON.stringify(drop)}
      WHERE position = (SELECT max(position) FROM selfsame_ledger WHERE component = ${name})
        AND drop_statements IS NOT ${JSON.stringify(drop)}`)
  }
}

/** Whether those of these components are as they were kept. A database that never kept any refuses such a drop instead. */
export function dropStatementsAreKept(components: readonly Component[], { dropStatements }: Kept): boolean {
  return components.every(({ name, drop = [] }) => {
    const kept = dropStatements.get(name)
    if (kept === undefined || kept === JSON.stringify(drop)) return true
    // Another build's line ends and comments are no other statements.
    return meaning(JSON.parse(kept) as string[]) === meaning(drop)
  })
}

function meaning(statements: readonly string[]): string {
  return statements.map(normaliseStatement).join('\n')
}

/**
 * What a component wants run before it is dropped: as it is named, else as the last launch that wrote kept it.
 *
 * @throws {DataLayerError} `unsupported` where neither says it: leaving them out could lose what they keep
 */
export function dropStatementsOf(
  { dropStatements }: Kept,
  name: string,
  component: Component | undefined,
): readonly string[] {
  if (component) return component.drop ?? []
  const kept = dropStatements.get(name)
  if (kept !== undefined) return JSON.parse(kept) as string[]
  const message = `${name} is not one of the components named here, and this database does not say what ${name} wants run before it is dropped. Name the component (--component).`
  throw new DataLayerError('unsupported', message, { details: { component: name } })
}
