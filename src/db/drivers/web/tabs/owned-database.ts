import type { DriverSession, ResultSet, RunOptions } from '../../../driver.ts'
import { SessionQueue } from '../../../session-queue.ts'
import type { CheckedStatement } from '../../../statement.ts'
import { transactionControl } from '../../../transaction-control.ts'
import type { WasmDatabase } from '../engine/wasm-database.ts'
import { WasmStatementRunner } from '../engine/statement-runner.ts'
import type { SqliteModule } from '../engine/wasm-types.ts'
import { StorageCopies } from '../storage/storage-copies.ts'
import type { Storage } from '../storage/storage.ts'
import type { Call } from './operations.ts'
import { lostSession, OwnerGone } from './owner-link.ts'

/** A tab, from when it joins this owner until it leaves: one that comes back is another visitor. */
export interface Visitor {
  /** By which it knows its own commits in the news. */
  name: string
}

interface OpenSession {
  readonly visitor: Visitor
  readonly session: DriverSession
  /** Written and not yet committed. */
  readonly tables: Set<string>
}

/** The database in the tab that owns it: every tab's calls, one after the other. */
export class OwnedDatabase {
  readonly #storage: Storage
  readonly #queue: SessionQueue
  readonly #copies: StorageCopies
  readonly #changed: (tables: readonly string[], visitor: string) => void
  readonly #sessions = new Map<string, OpenSession>()
  readonly #gone = new WeakSet<Visitor>()
  #closing = false
  #runner: { database: WasmDatabase; runner: WasmStatementRunner } | undefined

  /** @param changed told after every commit which tables it may have written, and the name of the visitor who asked for it */
  constructor(module: SqliteModule, storage: Storage, changed: (tables: readonly string[], visitor: string) => void) {
    this.#storage = storage
    this.#changed = changed
    this.#copies = new StorageCopies(module, storage)
    this.#queue = new SessionQueue({
      run: (statements, options) => this.#run(statements, options),
      inTransaction: () => storage.database.inTransaction,
    })
  }

  /** @throws {OwnerGone} for a session whose turn comes when the database closes */
  async call(visitor: Visitor, { name, values }: Call): Promise<unknown> {
    switch (name) {
      case 'run':
        return this.#runFor(visitor, ...values)
      case 'reserve':
        return this.#reserve(visitor, ...values)
      case 'runInSession':
        return this.#runInSession(...values)
      case 'release':
        return this.#release(...values)
      case 'export':
        return this.#queue.alone(async () => this.#storage.database.image())
      case 'import':
        return this.#replacing(visitor, () => this.#copies.import(...values))
      case 'writeCopy':
        return this.#queue.alone(() => this.#copies.write(...values))
      case 'listCopies':
        return this.#copies.list()
      case 'removeCopy':
        return this.#copies.remove(...values)
      case 'restoreCopy':
        return this.#replacing(visitor, () => this.#copies.restore(...values))
    }
  }

  /** The names of its tables. */
  tables(): string[] {
    return this.#storage.database
      .read(`SELECT name FROM sqlite_schema WHERE type = 'table'`)
      .map(([name]) => String(name))
  }

  /** Ends what a tab that is gone has left open, and what it still waits for. */
  async endVisit(visitor: Visitor): Promise<void> {
    this.#gone.add(visitor)
    const left = [...this.#sessions].filter(([, open]) => open.visitor === visitor)
    await Promise.all(left.map(([id]) => this.#release(id)))
  }

  /** Finishes the calls made so far, rolls back what is open and closes the storage. */
  async close(): Promise<void> {
    this.#closing = true
    const closed = Promise.all([...this.#sessions.keys()].map((id) => this.#release(id)))
    await this.#queue.close(() => this.#storage.close())
    await closed
  }

  async #runFor({ name }: Visitor, statements: readonly CheckedStatement[], options: RunOptions): Promise<ResultSet[]> {
    const results = await this.#queue.run(statements, options)
    this.#tell(tablesOf(results), name)
    return results
  }

  async #reserve(visitor: Visitor, id: string): Promise<void> {
    const session = await this.#queue.reserve()
    this.#sessions.set(id, { visitor, session, tables: new Set() })
    // While it waited it may have died, or the database have begun to close.
    if (this.#closing || this.#gone.has(visitor)) await this.#release(id)
    if (this.#closing) throw new OwnerGone(true)
  }

  async #runInSession(id: string, statements: readonly CheckedStatement[], options: RunOptions): Promise<ResultSet[]> {
    const open = this.#sessions.get(id)
    if (!open) throw lostSession()
    const results = await open.session.run(statements, options)
    for (const table of tablesOf(results)) open.tables.add(table)
    if (statements.some(({ text }) => transactionControl(text) === 'rollback')) open.tables.clear()
    if (!this.#storage.database.inTransaction) {
      this.#tell(open.tables, open.visitor.name)
      open.tables.clear()
    }
    return results
  }

  async #release(id: string): Promise<void> {
    const open = this.#sessions.get(id)
    if (!open) return
    this.#sessions.delete(id)
    const { session } = open
    try {
      if (this.#storage.database.inTransaction) await session.run([{ text: 'ROLLBACK', params: [] }])
      // A migration switches them off, and may have ended with its tab.
      await session.run([{ text: 'PRAGMA foreign_keys = ON', params: [] }])
    } finally {
      await session.release()
    }
  }

  #replacing<T>({ name }: Visitor, replace: () => Promise<T>): Promise<T> {
    return this.#queue.alone(async () => {
      const before = this.tables()
      const result = await replace()
      this.#runner = undefined
      this.#tell(new Set([...before, ...this.#tablesNow(), 'sqlite_schema']), name)
      return result
    })
  }

  /** A database that was replaced, and for which no WAL can be made, is replaced all the same: the next call says what is wrong. */
  #tablesNow(): string[] {
    try {
      return this.tables()
    } catch {
      return []
    }
  }

  async #run(statements: readonly CheckedStatement[], options: RunOptions): Promise<ResultSet[]> {
    const { database } = this.#storage
    if (this.#runner?.database !== database) this.#runner = { database, runner: new WasmStatementRunner(database) }
    let results: ResultSet[] | undefined
    let failure: unknown
    try {
      results = await this.#runner.runner.run(statements, options)
    } catch (error) {
      failure = this.#storage.explain(error)
    }
    // After a failure too: statements before the failed one may have committed.
    if (!database.inTransaction) await this.#storage.settle()
    if (!results) throw failure
    return results
  }

  #tell(tables: ReadonlySet<string>, visitor: string): void {
    if (tables.size > 0) this.#changed([...tables], visitor)
  }
}

function tablesOf(results: readonly ResultSet[]): Set<string> {
  return new Set(results.flatMap(({ tables }) => tables))
}
