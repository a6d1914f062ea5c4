import { nodeDriver } from 'selfsame/node'
import type { SqlValue } from '../../../src/db/values.ts'
import type { ResultSet, StatementRunner } from '../../../src/db/driver.ts'
import { checkStatement } from '../../../src/db/statement.ts'

/** The rows of one statement. */
export async function query(
  runner: StatementRunner,
  text: string,
  ...params: readonly unknown[]
): Promise<readonly (readonly SqlValue[])[]> {
  return (await write(runner, text, ...params)).rows
}

export async function write(runner: StatementRunner, text: string, ...params: readonly unknown[]): Promise<ResultSet> {
  const [result] = await runner.run([checkStatement({ text, params })])
  return result as ResultSet
}

/** The rows of one statement on a file, by a connection of its own. */
export async function queryFile(filename: string, text: string): Promise<readonly (readonly SqlValue[])[]> {
  const connection = await nodeDriver({ filename, create: false }).open()
  try {
    return await query(connection, text)
  } finally {
    await connection.close()
  }
}
