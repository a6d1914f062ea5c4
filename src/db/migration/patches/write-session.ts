import { DataLayerError } from '../../../errors/index.ts'
import { transactionScope, type Queryable } from '../../database.ts'
import type { DriverConnection, DriverSession } from '../../driver.ts'
import { databaseHeld } from '../../locked.ts'
import { checkStatement, type CheckedStatement } from '../../statement.ts'
import { hideRaised } from '../checks/hide-raised.ts'
import { whileOpen, type RunInTransaction } from '../../while-open.ts'
import type { LaunchVoice } from '../launch-voice.ts'
import { whatWasThrown } from '../checks/what-was-thrown.ts'
import { bookkeepingTables } from '../ledger/ledger.ts'
import { mustBeAsCopied, type DataVersion } from '../written-meanwhile.ts'

/** A statement that wrote, and the rows it wrote in all the times it ran. */
export interface WrittenStatement {
  readonly text: string
  readonly rows: number
}

/** What a write session saw its statements do. */
export interface WriteSession {
  readonly tx: Queryable
  /** Rows written so far, since the session began. */
  readonly rowsWritten: () => number
  /** The statements that wrote something since the last call, ours in our own tables left out. */
  readonly takeWritten: () => WrittenStatement[]
  /** Commits what was done so far and begins anew: the end of a piece that stands on its own. */
  readonly commitPiece: () => Promise<void>
}

/** How a write session is run. */
export interface WriteOptions {
  /** `false` does the same work and rolls it back. */
  readonly keep?: boolean
  /** How long to wait for another connection's write, in milliseconds; as long as the driver does unless said. */
  readonly lockTimeoutMs?: number
  /** Told when there is somebody to wait for. */
  readonly voice?: LaunchVoice
  /** What the copy was made of; nothing is written where another connection has committed since. */
  readonly copied?: DataVersion | undefined
}

/**
 * The one way this engine writes: foreign keys off outside the transaction and read back, `BEGIN IMMEDIATE`, the body,
 * `COMMIT`, foreign keys on and read back. With them on, dropping a table deletes its children's rows in silence, and
 * inside a transaction the switch does nothing (sqlite.org/foreignkeys.html §6, sqlite.org/pragma.html#pragma_foreign_keys).
 */
export async function writeSession<T>(
  connection: DriverConnection,
  options: WriteOptions,
  body: (session: WriteSession) => Promise<T>,
): Promise<T> {
  const { keep = true } = options
  const session = await connection.reserve()
  try {
    await setForeignKeys(session, false)
    try {
      // A dry run must not touch the file: pages that spill from the cache are written before a rollback.
      if (!keep) await runText(session, 'PRAGMA cache_spill = OFF')
      await beginWriting(session, options)
      const inside = whileOpen((statements) => session.run(statements), rolledBack)
      const observed = observe(session, inside)
      try {
        const commitPiece = async () => {
          if (!keep) return
          await inside([checkStatement({ text: 'COMMIT' })])
          // A driver that saves whole images opens the database anew after a commit, with foreign keys on.
          await setForeignKeys(session, false)
          await beginWriting(session, options)
        }
        await mustBeAsCopied(session, options.copied)
        const result = await body({ ...observed, commitPiece })
        await inside([checkStatement({ text: keep ? 'COMMIT' : 'ROLLBACK' })])
        return result
      } catch (error) {
        await unlessClosed(rollBack(session))
        throw error
      }
    } finally {
      if (!keep) await unlessClosed(runText(session, 'PRAGMA cache_spill = ON'))
      await unlessClosed(setForeignKeys(session, true))
    }
  } finally {
    await session.release()
  }
}

/**
 * Waits for a writer that is no launch. The launch lock does not keep it out, and SQLite does not say who it is.
 *
 * @throws {DataLayerError} `locked` with `details.waitedMs`
 */
async function beginWriting(session: DriverSession, { lockTimeoutMs, voice }: WriteOptions): Promise<void> {
  const started = performance.now()
  const begin = (wait?: number) =>
    session.run([checkStatement({ text: 'BEGIN IMMEDIATE' })], wait === undefined ? {} : { lockTimeoutMs: wait })
  try {
    await begin(0).catch((error: unknown) => {
      if (!isLocked(error)) throw error
      voice?.tell({ type: 'waiting', holder: null, since: null })
      return begin(lockTimeoutMs)
    })
  } catch (error) {
    if (!isLocked(error)) throw error
    throw databaseHeld(error, performance.now() - started)
  }
}

function isLocked(error: unknown): error is DataLayerError {
  return error instanceof DataLayerError && error.code === 'locked'
}

/** The failure that ended the transaction, for code that went on as if nothing had happened. */
function rolledBack(failure: unknown): DataLayerError {
  const known = failure instanceof DataLayerError ? failure : undefined
  const message = `SQLite has rolled the whole transaction back, after an error that was caught: ${known?.message ?? whatWasThrown(failure)}`
  return new DataLayerError(known?.code ?? 'sqlite', message, {
    details: known?.details,
    sqlite: known?.sqlite,
    cause: failure,
  })
}

function observe(session: DriverSession, inside: RunInTransaction): Omit<WriteSession, 'commitPiece'> {
  let rows = 0
  // By text: a step may run one statement for every row of a table.
  let written = new Map<string, number>()
  const tx = transactionScope(async (statements: readonly CheckedStatement[]) => {
    const results = await inside(statements).catch(async (error: unknown) => {
      throw await hideRaised(session, error)
    })
    results.forEach((result, index) => {
      rows += result.changes
      const text = statements[index]?.text
      if (text !== undefined && !result.tables.every(isOurs))
        written.set(text, (written.get(text) ?? 0) + result.changes)
    })
    return results
  })
  return {
    tx,
    rowsWritten: () => rows,
    takeWritten: () => {
      const statements = [...written].map(([text, changes]) => ({ text, rows: changes }))
      written = new Map()
      return statements
    },
  }
}

function isOurs(table: string): boolean {
  return Object.hasOwn(bookkeepingTables, table)
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

/** A connection that is gone, as its process has died, has nothing to be put back; why it went has been told. */
async function unlessClosed(work: Promise<void>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!(error instanceof DataLayerError) || error.code !== 'closed') throw error
  })
}

async function runText(session: DriverSession, text: string): Promise<void> {
  await session.run([checkStatement({ text })])
}
