import type { Driver, DriverConnection, ResultSet, StatementRunner } from '../../src/db/driver.ts'
import type { CheckedStatement } from '../../src/db/statement.ts'

/** How the engine under test is weakened, for the control: what the kill would find if migrations were run like this. */
export type Weakness = 'none' | 'no-transaction' | 'ledger-apart'

export interface DyingOptions {
  /** The process dies just before its statement with this number, from 1; never when there is no such statement. */
  readonly dieBefore: number
  readonly weakness: Weakness
  /** How it dies, and does not go on: its process by SIGKILL, unless told otherwise. */
  readonly die?: () => Promise<never>
}

const statement = (text: string): CheckedStatement => ({ text, params: [] })
const isControl = (text: string) => /^\s*(BEGIN|COMMIT|ROLLBACK)\b/i.test(text)
/** The note of what was done: a patch's row, or the mark of a finished step of the set-up. */
const isLedger = (text: string) =>
  /^\s*(INSERT INTO selfsame_ledger|UPDATE selfsame_set_up SET finished_at)\b/i.test(text)

/** A driver whose process kills itself at one boundary between two statements, and which counts those that came by. */
export interface DyingDriver extends Driver {
  statements(): number
  /** The numbers of the boundaries before a COMMIT. */
  commits(): readonly number[]
  /** The numbers of the boundaries between what a patch did and the note of it, where a weakness makes such. */
  boundariesBeforeLedger(): readonly number[]
}

function killProcess(): Promise<never> {
  process.kill(process.pid, 'SIGKILL')
  return new Promise(() => undefined)
}

export function dyingDriver(driver: Driver, { dieBefore, weakness, die = killProcess }: DyingOptions): DyingDriver {
  let count = 0
  const beforeLedger: number[] = []
  const commits: number[] = []
  const boundary = async () => {
    count += 1
    if (count === dieBefore) await die()
  }
  let pretendsTransaction = false
  /** What stands for BEGIN, COMMIT and ROLLBACK: a second BEGIN fails, as the engine asks whether a transaction is open. */
  const pretend = (text: string): string => {
    const begins = /^\s*BEGIN\b/i.test(text)
    const fails = begins && pretendsTransaction
    pretendsTransaction = begins
    return fails ? 'SELECT 1 FROM a_second_begin' : 'SELECT 1'
  }
  const step = async (runner: StatementRunner, one: CheckedStatement): Promise<ResultSet[]> => {
    await boundary()
    if (/^COMMIT\b/i.test(one.text)) commits.push(count)
    if (weakness === 'no-transaction' && isControl(one.text)) return runner.run([statement(pretend(one.text))])
    if (weakness !== 'ledger-apart' || !isLedger(one.text)) return runner.run([one])
    // As engines do that note a version after the work is committed.
    await runner.run([statement('COMMIT')])
    await boundary()
    beforeLedger.push(count)
    const results = await runner.run([one])
    await runner.run([statement('BEGIN IMMEDIATE')])
    return results
  }
  const dying =
    (runner: StatementRunner): StatementRunner['run'] =>
    async (statements, options) => {
      if (options?.transaction) {
        await boundary()
        return runner.run(statements, options)
      }
      const results: ResultSet[] = []
      for (const one of statements) results.push(...(await step(runner, one)))
      return results
    }
  return {
    ...driver,
    statements: () => count,
    commits: () => commits,
    boundariesBeforeLedger: () => beforeLedger,
    open: async () => dyingConnection(await driver.open(), dying, boundary),
  }
}

function dyingConnection(
  connection: DriverConnection,
  dying: (runner: StatementRunner) => StatementRunner['run'],
  boundary: () => Promise<void>,
): DriverConnection {
  const { copies } = connection
  return {
    ...connection,
    run: dying(connection),
    reserve: async () => {
      const session = await connection.reserve()
      return { run: dying(session), release: () => session.release() }
    },
    ...(copies
      ? {
          copies: {
            ...copies,
            write: async (options) => {
              await boundary()
              return copies.write(options).finally(boundary)
            },
          },
        }
      : {}),
  }
}
