import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import type { Driver, DriverConnection, DriverSession, ResultSet } from '../../../src/db/driver.ts'
import type { CheckedStatement } from '../../../src/db/statement.ts'
import { DataLayerError } from '../../../src/errors/index.ts'
import { transactionControl } from '../../../src/db/transaction-control.ts'

const nothing: ResultSet = { columns: [], rows: [], changes: 0, tables: [] }

/** Lets every statement commit by itself: BEGIN, COMMIT and ROLLBACK are swallowed. */
export function withoutTransaction(driver: Driver): Driver {
  return withSessions(driver, (session) => {
    let isBegun = false
    return {
      release: () => session.release(),
      run: async (statements, options) => {
        const control = statements.map(({ text }) => transactionControl(text) ?? '')
        if (!control.some((word) => ['begin', 'commit', 'rollback'].includes(word)))
          return session.run(statements, options)
        const begins = control.includes('begin')
        // By this the engine knows that its transaction is still there.
        if (begins && isBegun) throw new DataLayerError('sqlite', 'cannot start a transaction within a transaction')
        isBegun = begins
        return statements.map(() => nothing)
      },
    }
  })
}

/** Writes the rows of the ledger after the commit of what they record, as a version number set afterwards would be. */
export function ledgerAfterCommit(driver: Driver): Driver {
  return withSessions(driver, (session) => {
    let held: CheckedStatement[] = []
    return {
      release: () => session.release(),
      run: async (statements, options) => {
        const now = statements.filter((statement) => !recordsPatch(statement))
        held.push(...statements.filter(recordsPatch))
        const results = await session.run(now, options)
        if (now.some(({ text }) => transactionControl(text) === 'commit')) {
          const late = held
          held = []
          for (const statement of late) await session.run([statement])
        }
        return statements.map((statement) => (recordsPatch(statement) ? nothing : (results.shift() ?? nothing)))
      },
    }
  })
}

/** Writes the copy over the database page by page, without a journal and without a file beside it. */
export function restoreInPlace(driver: Driver, filename: string): Driver {
  return {
    ...driver,
    open: async () => {
      const connection = await driver.open()
      const { copies } = connection
      if (!copies) throw new Error('This driver keeps no copies.')
      const restore = async (copy: string) => {
        const page = 4096
        const bytes = readFileSync(copy)
        const file = openSync(filename, 'r+')
        for (let at = 0; at < bytes.length; at += page) writeSync(file, bytes, at, page, at)
        ftruncateSync(file, bytes.length)
        closeSync(file)
        return { location: copy, bytes: bytes.length, undo: copy }
      }
      return { ...connection, copies: { ...copies, restore } }
    },
  }
}

// What is adopted is recorded before the patches run, and read again to know which are left.
function recordsPatch({ text, params }: CheckedStatement): boolean {
  return text.startsWith('INSERT INTO selfsame_ledger') && params.includes('applied')
}

function withSessions(driver: Driver, change: (session: DriverSession) => DriverSession): Driver {
  return {
    ...driver,
    open: async () => {
      const connection: DriverConnection = await driver.open()
      return { ...connection, reserve: async () => change(await connection.reserve()) }
    },
  }
}
