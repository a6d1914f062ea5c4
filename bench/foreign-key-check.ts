import { transactionScope } from '../src/db/database.ts'
import { nodeDriver } from '../src/db/drivers/node/index.ts'
import { foreignKeyViolations } from '../src/db/migration/schema/foreign-keys.ts'
import { checkStatement } from '../src/db/statement.ts'
import { alternate, compare, microseconds, type BenchResult } from './measure.ts'

/** What the check of all foreign keys costs, which a launch makes once before its patches and once after each. */
export async function foreignKeyCheck(rows: number): Promise<BenchResult[]> {
  const connection = await nodeDriver({ filename: ':memory:' }).open()
  const run = (text: string) => connection.run([checkStatement({ text })])
  await run('CREATE TABLE parents (id INTEGER PRIMARY KEY)')
  await run('CREATE TABLE children (id INTEGER PRIMARY KEY, parent REFERENCES parents (id), filler TEXT)')
  const numbers = `WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ${rows})`
  await run(`${numbers} INSERT INTO parents SELECT n FROM n WHERE n <= 1000`)
  await run(`${numbers} INSERT INTO children SELECT n, n % 1000 + 1, hex(randomblob(20)) FROM n`)
  const tx = transactionScope((statements) => connection.run(statements))
  const measured = await alternate(
    5,
    async () => (await microseconds(1, () => foreignKeyViolations(tx))) / 1000,
    async () => (await microseconds(1, () => run('SELECT max(length(filler)) FROM children'))) / 1000,
  )
  await connection.close()
  const names = {
    name: `The check of all foreign keys over ${rows.toLocaleString('en')} rows, once for each patch`,
    subject: 'foreignKeyViolations',
    peer: 'one pass over the same rows',
    unit: 'ms',
  }
  return [compare(names, measured.subject, measured.peer)]
}
