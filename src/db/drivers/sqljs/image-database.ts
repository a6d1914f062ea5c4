import { DataLayerError } from '../../../errors/index.ts'
import type { ResultSet, RunOptions } from '../../driver.ts'
import type { CheckedStatement } from '../../statement.ts'
import { structuralDamage } from '../../structural-damage.ts'
import { codedError, reportResultCodes } from './sqljs-error.ts'
import type { SqljsDatabase, SqljsModule } from './sqljs-types.ts'
import { SqljsStatementRunner } from './statement-runner.ts'

/** A database in memory, opened from an image. */
export class ImageDatabase {
  readonly #database: SqljsDatabase
  readonly #runner: SqljsStatementRunner

  /** @throws {DataLayerError} `not-a-database`, `corrupt` */
  constructor(module: SqljsModule, image: Uint8Array | null | undefined) {
    // A copy: sql.js keeps the array it is given as the file, and writes to it.
    this.#database = new module.Database(image ? Uint8Array.from(image) : undefined)
    reportResultCodes(this.#database)
    try {
      this.#runner = new SqljsStatementRunner(this.#database)
      this.#runner.read('SELECT count(*) FROM sqlite_schema')
      this.#runner.read('PRAGMA foreign_keys = ON')
      this.#mustEnforceForeignKeys()
    } catch (error) {
      this.#database.close()
      throw codedError(error)
    }
  }

  async run(statements: readonly CheckedStatement[], options: RunOptions): Promise<ResultSet[]> {
    return this.#runner.run(statements, options)
  }

  inTransaction(): boolean {
    return this.#runner.inTransaction()
  }

  /** Whether there is something committed that no image holds yet. */
  get unsaved(): boolean {
    return this.#runner.unsaved && !this.#runner.inTransaction()
  }

  saved(): void {
    this.#runner.saved()
  }

  /** The image as of the last commit. Only outside a transaction: sql.js refuses inside one, and earlier ones ended it. */
  export(): Uint8Array {
    try {
      const foreignKeys = this.#foreignKeys()
      const image = this.#database.export()
      // sql.js up to 1.13 closed and opened the database again here, which switched them off.
      if (foreignKeys && !this.#foreignKeys()) {
        this.#runner.read('PRAGMA foreign_keys = ON')
        this.#mustEnforceForeignKeys()
      }
      return image
    } catch (error) {
      throw codedError(error)
    }
  }

  /** What is wrong with the image itself; `integrity_check` holds every index against its table too. */
  damage(check: 'quick_check' | 'integrity_check' = 'quick_check'): string[] {
    return structuralDamage(this.#runner.read(`PRAGMA ${check}`).map(([line]) => String(line)))
  }

  /** The first value of a query. */
  ask(query: string): unknown {
    return this.#runner.read(query)[0]?.[0]
  }

  close(): void {
    this.#database.close()
  }

  #foreignKeys(): boolean {
    return Number(this.#runner.read('PRAGMA foreign_keys')[0]?.[0]) === 1
  }

  #mustEnforceForeignKeys(): void {
    if (!this.#foreignKeys()) throw new DataLayerError('unsupported', 'This SQLite does not enforce foreign keys.')
  }
}
