// What the browser tests use inside a page: the public entry points, as an app bundles them.
import * as selfsame from 'selfsame'
import { sqljsDriver, indexedDbStore } from 'selfsame/sqljs'
import { buildLegacyDatabase, writeLegacyDatabase } from 'selfsame/testing'
import * as web from 'selfsame/web'
import sqljsWasm from 'sql.js/dist/sql-wasm-browser.wasm?url'
import type { Faults } from './faults.ts'
import { handOver } from './hand-over.ts'
import { killLaunches } from './kill-launches.ts'
import { killWorkers } from './kill-workers.ts'
import { startWorker } from './mortal-driver.ts'
import { runConformance } from './run-conformance.ts'
import { failingComponent, migrateRandomDatabases } from './random-migrations.ts'
// The address of the bundled script, which Vite gives it as its default export.
// oxlint-disable-next-line import/default
import serviceWorker from './service-worker.ts?worker&url'

type WebOptions = web.WebDriverOptions

const library = {
  ...selfsame,
  ...web,
  buildLegacyDatabase,
  failingComponent,
  migrateRandomDatabases,
  indexedDbStore,
  writeLegacyDatabase,
  sqljsDriver: (options: Parameters<typeof sqljsDriver>[0] = {}) =>
    sqljsDriver({ ...options, locateFile: () => sqljsWasm }),
  /** The driver in a worker whose browser fails in the ways named. */
  faultyDriver: (options: WebOptions, faults?: Faults) =>
    web.webDriver({ ...options, ...(faults ? { worker: () => startWorker(faults) } : {}) }),
  handOver,
  killLaunches,
  killWorkers,
  runConformance,
  serviceWorker,
  startWorker,
  /** Whatever a test keeps between two of its calls into the page. */
  kept: {} as Record<string, unknown>,
}

export type Library = typeof library
Object.assign(globalThis, { selfsame: library })
