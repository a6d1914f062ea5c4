import type { StatementRunner } from '../../../driver.ts'
import { pragmaOf } from './pragma.ts'
import type { CheckedStatement } from '../../../statement.ts'

const statement = (text: string): CheckedStatement => ({ text, params: [] })

/** PRAGMAs that change the connection, not the file: what one window sets must not be there for the next. */
export const connectionPragmas: ReadonlySet<string> = new Set([
  'foreign_keys',
  'defer_foreign_keys',
  'legacy_alter_table',
  'cache_spill',
  'ignore_check_constraints',
])

export function setsConnection(statements: readonly CheckedStatement[]): boolean {
  return statements.some(({ text }) => {
    const pragma = pragmaOf(text)
    return pragma !== undefined && pragma.argument !== undefined && connectionPragmas.has(pragma.name)
  })
}

/** Ends what is open, puts the connection back as it was opened, and tells how foreign keys stood before. */
export async function restoreState(session: StatementRunner): Promise<{ foreignKeys: boolean }> {
  // There is no portable way to ask whether a transaction is open, and inside one foreign_keys stays as it is.
  await session.run([statement('ROLLBACK')]).catch(() => undefined)
  const [before] = await session.run([statement('PRAGMA foreign_keys')])
  await session.run([
    statement('PRAGMA legacy_alter_table = OFF'),
    statement('PRAGMA cache_spill = ON'),
    statement('PRAGMA ignore_check_constraints = OFF'),
    statement('PRAGMA foreign_keys = ON'),
  ])
  return { foreignKeys: Number(before?.rows[0]?.[0]) === 1 }
}

export async function setForeignKeysOff(session: StatementRunner): Promise<void> {
  await session.run([statement('PRAGMA foreign_keys = OFF')])
}
