import { transactionScope, type Queryable } from '../../../../src/db/database.ts'
import type { Driver } from '../../../../src/db/driver.ts'
import { nodeDriver } from '../../../../src/db/drivers/node/index.ts'
import { sqljsDriver } from '../../../../src/db/drivers/sqljs/index.ts'
import type { Row } from '../../../../src/db/rows.ts'
import { toRows } from '../../../../src/db/rows.ts'

export type Engine = 'node' | 'sql.js'

// One of each, so that sql.js is compiled once and not for every database.
const drivers: Readonly<Record<Engine, Driver>> = {
  node: nodeDriver({ filename: ':memory:' }),
  'sql.js': sqljsDriver(),
}

/** An empty database in memory with foreign keys off, and transactions that begin and end as the migrator's do. */
export interface TestDatabase {
  run(...statements: string[]): Promise<void>
  rows(text: string): Promise<Row[]>
  /** For what asks for a reader. */
  readonly reader: Pick<Queryable, 'query'>
  /** Commits what `body` did, or rolls it back and throws what it threw. */
  transaction<T>(body: (tx: Queryable) => Promise<T>): Promise<T>
  close(): Promise<void>
}

export async function openEngine(engine: Engine): Promise<TestDatabase> {
  const connection = await drivers[engine].open()
  const session = await connection.reserve()
  const run = async (...statements: string[]) =>
    void (await session.run(statements.map((text) => ({ text, params: [] }))))
  await run('PRAGMA foreign_keys = OFF')
  const reader = transactionScope((statements) => session.run(statements))
  return {
    run,
    reader,
    rows: async (text) => (await session.run([{ text, params: [] }])).flatMap((result) => toRows(result)),
    transaction: async (body) => {
      await run('BEGIN IMMEDIATE')
      try {
        const result = await body(transactionScope((statements) => session.run(statements)))
        await run('COMMIT')
        return result
      } catch (error) {
        await run('ROLLBACK')
        throw error
      }
    },
    close: () => session.release().then(() => connection.close()),
  }
}
