import { DataLayerError } from '../../../../errors/index.ts'
import type { Driver, DriverConnection, DriverCopies, DriverSession, LockHolder } from '../../../driver.ts'
import type { HostEvent, OperationName, Operations, Patience } from './operations.ts'

/** The way to whoever has the database. `call` rejects with a coded error. */
export interface Wire {
  call<Name extends OperationName>(
    name: Name,
    ...values: Parameters<Operations[Name]>
  ): Promise<ReturnType<Operations[Name]>>
  /** Calls `listener` for what is told without being asked for. Returns the function that ends it. */
  listen(listener: (event: HostEvent) => void): () => void
}

// Two copies of this module in one page must not choose the same ids.
const family = Math.random().toString(36).slice(2)
let last = 0
const newId = () => `${family}-${(last += 1)}`

/** A driver whose database is somewhere else. Every call is one round trip. */
export function remoteDriver(name: string, wire: () => Wire | Promise<Wire>): Driver {
  return {
    name,
    dialect: 'sqlite',
    capabilities: { extendedErrorCodes: true, durable: true, multipleConnections: true },
    open: async (options = {}) => open(name, await wire(), options),
    acquireLaunchLock: async (options) => acquireLock(await wire(), options),
    copies: copiesOf(null, async (work) => work(await wire())),
  }
}

async function open(engine: string, wire: Wire, options: Patience): Promise<DriverConnection> {
  const id = newId()
  const { copies, storage } = await wire.call('open', id, options)
  const stops = new Set<() => void>()
  let closing: Promise<void> | undefined
  const whileOpen = async <T>(work: () => Promise<T>): Promise<T> => {
    if (closing) throw new DataLayerError('closed')
    return work()
  }
  return {
    engine,
    ...(storage ? { storage } : {}),
    run: (statements, options = {}) => whileOpen(() => wire.call('run', id, statements, options)),
    reserve: (patience = {}) => whileOpen(() => reserve(wire, id, patience)),
    export: () => whileOpen(() => wire.call('export', id)),
    ...(copies ? { copies: copiesOf(id, (work) => whileOpen(() => work(wire))) } : {}),
    onChange: (listener) => {
      const stop = wire.listen((event) => {
        if (event.kind === 'changed' && event.connection === id) listener({ tables: event.tables })
      })
      stops.add(stop)
      return () => {
        stops.delete(stop)
        stop()
      }
    },
    close: () => {
      closing ??= wire.call('close', id).finally(() => {
        for (const stop of stops) stop()
      })
      return closing
    },
  }
}

async function reserve(wire: Wire, connection: string, options: Patience): Promise<DriverSession> {
  const id = newId()
  await wire.call('reserve', connection, id, options)
  let released: Promise<void> | undefined
  return {
    run: async (statements, options = {}) => {
      if (released) throw new DataLayerError('closed')
      return wire.call('runInSession', id, statements, options)
    },
    release: () => {
      released ??= wire.call('release', id)
      return released
    },
  }
}

function copiesOf(connection: string | null, use: <T>(work: (wire: Wire) => Promise<T>) => Promise<T>): DriverCopies {
  return {
    // A function cannot cross.
    write: ({ directory, location }) => use((wire) => wire.call('writeCopy', connection, { directory, location })),
    list: (where) => use((wire) => wire.call('listCopies', connection, where)),
    remove: (location) => use((wire) => wire.call('removeCopy', connection, location)),
    restore: (location, options = {}) => use((wire) => wire.call('restoreCopy', connection, location, options)),
  }
}

async function acquireLock(
  wire: Wire,
  { timeoutMs, onWait }: { readonly timeoutMs: number; readonly onWait?: (holder: LockHolder | null) => void },
): Promise<() => Promise<void>> {
  const id = newId()
  const stop = wire.listen((event) => {
    if (event.kind === 'waiting' && event.lock === id) onWait?.(event.holder)
  })
  try {
    await wire.call('lock', id, timeoutMs)
  } finally {
    stop()
  }
  let released: Promise<void> | undefined
  return () => {
    released ??= wire.call('unlock', id)
    return released
  }
}
