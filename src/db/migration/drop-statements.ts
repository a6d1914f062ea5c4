import { DataLayerError } from '../../errors/index.ts'
import type { Queryable } from '../database.ts'
import { sql } from '../sql.ts'
import type { Component } from './component.ts'

/** Keeps each component's own drop statements, for a drop by somebody who does not have the component. */
export async function keepDropStatements(tx: Queryable, components: readonly Component[]): Promise<void> {
  for (const { name, drop = [] } of components) {
    await tx.execute(sql`UPDATE selfsame_ledger SET drop_statements = ${JSON.stringify(drop)}
      WHERE position = (SELECT max(position) FROM selfsame_ledger WHERE component = ${name})
        AND drop_statements IS NOT ${JSON.stringify(drop)}`)
  }
}

/**
 * What a component wants run before it is dropped: as it is named, else as the last launch that wrote kept it.
 *
 * @throws {DataLayerError} `unsupported` where neither says it: leaving them out could lose what they keep
 */
export async function dropStatementsOf(
  reader: Pick<Queryable, 'queryOne'>,
  name: string,
  component: Component | undefined,
): Promise<readonly string[]> {
  if (component) return component.drop ?? []
  const isKept = await reader.queryOne(
    sql`SELECT 1 FROM pragma_table_info('selfsame_ledger') WHERE name = 'drop_statements'`,
  )
  const row = isKept
    ? await reader.queryOne<{ drop_statements: string }>(
        sql`SELECT drop_statements FROM selfsame_ledger WHERE component = ${name} AND drop_statements IS NOT NULL
          ORDER BY position DESC LIMIT 1`,
      )
    : undefined
  if (row) return JSON.parse(row.drop_statements) as string[]
  const message = `${name} is not one of the components named here, and this database does not say what ${name} wants run before it is dropped. Name the component (--component).`
  throw new DataLayerError('unsupported', message, { details: { component: name } })
}
