import type { CheckedStatement } from '../../src/db/statement.ts'
import type { DriverConnection, ResultSet, RunOptions } from '../../src/db/driver.ts'
import { SessionQueue } from '../../src/db/session-queue.ts'

export interface FakeConnection extends DriverConnection {
  /** Every batch that reached the engine, as its statements' texts. */
  readonly sent: string[][]
  /** Answers the batches that follow. */
  answer: (statements: readonly CheckedStatement[], options: RunOptions) => Promise<ResultSet[]>
}

export const nothing: ResultSet = { columns: [], rows: [], changes: 0, tables: [] }

/** A connection whose engine does nothing but note what it was sent. */
export function fakeConnection(): FakeConnection {
  const sent: string[][] = []
  const queue = new SessionQueue({
    run: async (statements, options) => {
      sent.push(statements.map(({ text }) => text))
      return fake.answer(statements, options)
    },
  })
  const fake: FakeConnection = {
    engine: 'fake',
    sent,
    answer: async (statements) => statements.map(() => nothing),
    run: (statements, options) => queue.run(statements, options),
    reserve: () => queue.reserve(),
    export: () => queue.alone(async () => new Uint8Array()),
    close: () => queue.close(async () => undefined),
  }
  return fake
}
