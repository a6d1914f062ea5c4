import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { onTestFinished } from 'vitest'
import { createDataLayer, type DataLayer, type DataLayerOptions } from '../../src/data-layer.ts'
import { nodeDriver } from '../../src/db/drivers/node/index.ts'
import type { Driver, DriverConnection, DriverSession } from '../../src/db/driver.ts'

export const ada = 'did:ethr:0xAdaAdaAdaAdaAdaAdaAdaAdaAdaAdaAdaAdaAdaA'
export const bob = 'did:ethr:0xB0bB0bB0bB0bB0bB0bB0bB0bB0bB0bB0bB0bB0bB'
export const nobody = 'did:ethr:0x0000000000000000000000000000000000000000'

/** A legacy schema with the columns every version had, and two accounts. */
export const legacyTables = `
  CREATE TABLE accounts (id INTEGER PRIMARY KEY AUTOINCREMENT, dateCreated TEXT NOT NULL, derivationPath TEXT, did TEXT NOT NULL,
    identityEncrBase64 TEXT, mnemonicEncrBase64 TEXT, passkeyCredIdHex TEXT, publicKeyHex TEXT NOT NULL);
  CREATE TABLE settings (id INTEGER PRIMARY KEY AUTOINCREMENT, accountDid TEXT, activeDid TEXT, apiServer TEXT,
    filterFeedByNearby BOOLEAN, firstName TEXT, lastName TEXT, isRegistered BOOLEAN, passkeyExpirationMinutes INTEGER,
    searchBoxes TEXT, webPushServer TEXT);
  INSERT INTO accounts (dateCreated, did, publicKeyHex) VALUES ('2024-01-01', '${ada}', '01'), ('2024-01-02', '${bob}', '02');`

/** What a driver was asked to do since `calls` was last emptied. */
export interface CountingDriver extends Driver {
  readonly calls: string[]
  /** Says that a commit of another tab may have written these tables. */
  tellOfOthers(tables: readonly string[]): void
  /** How many connections it has opened and not closed. */
  connections: number
  /** Rejects every call to an open connection with this, while it is set. */
  fault: Error | undefined
}

/** A driver that writes down each call across the port: a batch is one, and so is each call of a session. */
export function countingDriver(driver: Driver): CountingDriver {
  const calls: string[] = []
  const listeners = new Set<(change: { readonly tables: readonly string[] }) => void>()
  const counted: CountingDriver = {
    ...driver,
    calls,
    connections: 0,
    tellOfOthers: (tables) => listeners.forEach((listener) => listener({ tables })),
    fault: undefined,
    async open() {
      const connection = await driver.open()
      counted.connections += 1
      const count = <A extends unknown[], R>(name: string, call: (...args: A) => Promise<R>) => {
        return async (...args: A) => {
          calls.push(name)
          if (counted.fault) throw counted.fault
          return call(...args)
        }
      }
      const countSession = (session: DriverSession): DriverSession => ({
        run: count('session.run', session.run),
        release: session.release,
      })
      const wrapped: DriverConnection = {
        engine: connection.engine,
        run: count('run', connection.run.bind(connection)),
        reserve: count('reserve', async () => countSession(await connection.reserve())),
        export: count('export', connection.export.bind(connection)),
        onChange(listener) {
          listeners.add(listener)
          return () => void listeners.delete(listener)
        },
        async close() {
          counted.connections -= 1
          await connection.close()
        },
        ...(connection.copies ? { copies: connection.copies } : {}),
      }
      return wrapped
    },
  }
  return counted
}

export interface OpenedDataLayer {
  readonly dataLayer: DataLayer
  readonly driver: CountingDriver
  readonly filename: string
  /** Runs statements on a connection of its own, as another app version would. */
  readonly raw: (script: string) => void
  readonly rawRows: (text: string) => Record<string, unknown>[]
}

// Hundreds of launches, each of which waits for the disk several times. What they test is not the disk.
const memoryDisk = '/dev/shm'

/** A folder that goes when the test is over. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(existsSync(memoryDisk) ? memoryDisk : tmpdir(), 'selfsame-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A data layer on a file that `script` has filled, not launched yet. It makes no backup unless told to. */
export function openDataLayer(script = legacyTables, options: Partial<DataLayerOptions> = {}): OpenedDataLayer {
  const filename = join(scratchFolder(), 'app.sqlite')
  const withFile = <T>(work: (database: DatabaseSync) => T): T => {
    const database = new DatabaseSync(filename, { timeout: 5000 })
    try {
      return work(database)
    } finally {
      database.close()
    }
  }
  if (script) withFile((database) => database.exec(script))
  const driver = countingDriver(nodeDriver({ filename }))
  const dataLayer = createDataLayer({ driver, ...options, migrations: { backup: false, ...options.migrations } })
  onTestFinished(() => dataLayer.close())
  return {
    dataLayer,
    driver,
    filename,
    raw: (text) => withFile((database) => database.exec(text)),
    rawRows: (text) => withFile((database) => database.prepare(text).all()),
  }
}

/** The same, launched, and with the calls of the launch forgotten. */
export async function launchDataLayer(script?: string, options?: Partial<DataLayerOptions>): Promise<OpenedDataLayer> {
  const opened = openDataLayer(script, options)
  const report = await opened.dataLayer.launch()
  if (report.error) throw report.error
  opened.driver.calls.length = 0
  return opened
}
