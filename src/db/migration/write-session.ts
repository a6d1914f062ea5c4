import { DataLayerError } from '../../errors/index.ts'
import { transactionScope, type Queryable } from '../database.ts'
import type { DriverConnection, DriverSession } from '../driver.ts'
import { checkStatement, type CheckedStatement } from '../statement.ts'

/** What a write session saw its statements do. */
export interface WriteSession {
  readonly tx: Queryable
  /** Rows written so far, since the session began. */
  readonly rowsWritten: () => number
  /** Texts of the statements that wrote something, since the last call. */
  readonly takeWritten: () => string[]
  /** Commits what was done so far and begins anew: the end of a piece that stands on its own. */
  readonly commitPiece: () => Promise<void>
}

/**
 * The one way this engine writes: foreign keys off outside the transaction and read back, `BEGIN IMMEDIATE`, the body,
 * `COMMIT`, foreign keys on and read back. With them on, dropping a table deletes its children's rows in silence, and
 * inside a transaction the switch does nothing (sqlite.org/foreignkeys.html §6, sqlite.org/pragma.html#pragma_foreign_keys).
 *
 * @param keep whether to commit; a plan does the same work and rolls it back
 */
export async function writeSession<T>(
  connection: DriverConnection,
  keep: boolean,
  body: (session: WriteSession) => Promise<T>,
): Promise<T> {
  const session = await connection.reserve()
  try {
    await setForeignKeys(session, false)
    try {
      // A dry run must not touch the file: pages that spill from the cache are written before a rollback.
      if (!keep) await runText(session, 'PRAGMA cache_spill = OFF')
      await runText(session, 'BEGIN IMMEDIATE')
      const observed = observe(session)
      try {
        const commitPiece = async () => {
          if (!keep) return
          await runText(session, 'COMMIT')
          // A driver that saves whole images opens the database anew after a commit, with foreign keys on.
          await setForeignKeys(session, false)
          await runText(session, 'BEGIN IMMEDIATE')
        }
        const result = await body({ ...observed, commitPiece })
        await runText(session, keep ? 'COMMIT' : 'ROLLBACK')
        return result
      } catch (error) {
        await rollBack(session)
        throw error
      }
    } finally {
      if (!keep) await runText(session, 'PRAGMA cache_spill = ON')
      await setForeignKeys(session, true)
    }
  } finally {
    await session.release()
  }
}

function observe(session: DriverSession): Omit<WriteSession, 'commitPiece'> {
  let rows = 0
  let written: string[] = []
  const tx = transactionScope(async (statements: readonly CheckedStatement[]) => {
    const results = await session.run(statements)
    results.forEach((result, index) => {
      rows += result.changes
      const text = statements[index]?.text
      if (result.tables.length > 0 && text !== undefined) written.push(text)
    })
    return results
  })
  return {
    tx,
    rowsWritten: () => rows,
    takeWritten: () => {
      const texts = written
      written = []
      return texts
    },
  }
}

async function setForeignKeys(session: DriverSession, on: boolean): Promise<void> {
  await runText(session, `PRAGMA foreign_keys = ${on ? 'ON' : 'OFF'}`)
  const [result] = await session.run([checkStatement({ text: 'PRAGMA foreign_keys' })])
  if (Number(result?.rows[0]?.[0]) !== (on ? 1 : 0)) {
    throw new DataLayerError('unsupported', `The engine did not switch foreign keys ${on ? 'on' : 'off'}.`)
  }
}

async function rollBack(session: DriverSession): Promise<void> {
  try {
    await runText(session, 'ROLLBACK')
  } catch (error) {
    // SQLite has rolled back by itself after some errors (a full disk, an I/O error): then there is nothing left to undo.
    if (!(error instanceof DataLayerError) || !/no transaction is active/.test(error.message)) throw error
  }
}

async function runText(session: DriverSession, text: string): Promise<void> {
  await session.run([checkStatement({ text })])
}
