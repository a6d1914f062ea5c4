import type { Driver } from '../../driver.ts'
import { createLaunchLock } from './launch-lock.ts'
import { nodeCopies } from './node-copies.ts'
import { openConnection } from './node-connection.ts'
import { plainEngine } from './plain-engine.ts'
import { realPath } from '../../real-path.ts'

export interface NodeDriverOptions {
  /** The database's path, or `:memory:`. */
  readonly filename: string
  /** Whether a missing file is created; `true` unless said. */
  readonly create?: boolean
  /** Opens the file so that nothing can write to it. */
  readonly readOnly?: boolean
}

/**
 * The driver for Node, on its own SQLite (`node:sqlite`). A lock held by another process is waited for without stopping the
 * event loop, for about 5 seconds unless the caller says how long.
 *
 * @example
 * const dataLayer = createDataLayer({ driver: nodeDriver({ filename: 'app.sqlite' }) })
 */
export function nodeDriver({ filename, create = true, readOnly = false }: NodeDriverOptions): Driver {
  const inMemory = filename === ':memory:'
  const path = inMemory ? filename : realPath(filename)
  return {
    name: 'node',
    dialect: 'sqlite',
    capabilities: { extendedErrorCodes: true, durable: !inMemory, multipleConnections: !inMemory },
    open: (options) => openConnection(path, { ...options, create, readOnly, engine: plainEngine }),
    acquireLaunchLock: createLaunchLock(path),
    ...(inMemory || readOnly ? {} : { copies: nodeCopies(path) }),
  }
}
