import { DataLayerError } from '../../../errors/index.ts'
import type { Driver } from '../../driver.ts'
import { bridgeName, type ElectronBridge } from './bridge.ts'
import { valueOf, type Answer } from '../../answer.ts'
import type { Call } from './calls/operations.ts'
import { remoteDriver, type Wire } from './calls/remote-driver.ts'

export interface ElectronDriverOptions {
  /** The database's name, as main has it in its list. */
  readonly name: string
  /** What the preload exposed; `window.selfsameDatabase` unless said. */
  readonly bridge?: ElectronBridge
}

/**
 * The driver for a window of an Electron app. The database is in the main process, which checks every call; see
 * `registerElectronDatabase` and `exposeElectronDatabase`. All windows share it, and hear of each other's changes.
 *
 * @example
 * const dataLayer = createDataLayer({ driver: electronDriver({ name: 'app' }) })
 */
export function electronDriver({ name, bridge }: ElectronDriverOptions): Driver {
  if (typeof name !== 'string' || name === '')
    throw new DataLayerError('unsupported', 'electronDriver needs the name of its database.')
  return remoteDriver('electron', () => wireTo(name, bridge ?? exposedBridge()))
}

function wireTo(database: string, bridge: ElectronBridge): Wire {
  return {
    call: async (name, ...values) => {
      let answered: Answer
      try {
        answered = await bridge.call(database, { name, values } as unknown as Call)
      } catch (error) {
        throw new DataLayerError('storage-unavailable', 'The main process does not answer for the database.', {
          cause: error,
        })
      }
      return valueOf(answered) as never
    },
    listen: (listener) => bridge.listen(listener),
  }
}

/** @throws {DataLayerError} `storage-unavailable` when the preload exposed none */
function exposedBridge(): ElectronBridge {
  const bridge = (globalThis as Record<string, unknown>)[bridgeName] as ElectronBridge | undefined
  if (bridge) return bridge
  throw new DataLayerError(
    'storage-unavailable',
    'This page has no database: call exposeElectronDatabase in the preload script of its window.',
  )
}
