import { DataLayerError } from '../../../errors/index.ts'
import type { DriverConnection, DriverCopies } from '../../driver.ts'
import { SessionQueue } from '../../session-queue.ts'
import type { AppLife } from './app-life.ts'
import type { OpenedDatabase } from './open-database.ts'
import { openError } from './plugin-error.ts'

/** What a connection is made of. */
export interface ConnectionParts {
  /** Opens the database; called again after the app was away. */
  readonly open: () => Promise<OpenedDatabase>
  readonly copies: (alone: <T>(work: (opened: OpenedDatabase) => Promise<T>) => Promise<T>) => DriverCopies
  readonly exportImage: (opened: OpenedDatabase) => Promise<Uint8Array>
  readonly life: AppLife
  readonly onClose: () => void
}

/** One connection that an app has; the native one below it is closed while the app is away and opened again when needed. */
export async function openConnection(parts: ConnectionParts): Promise<DriverConnection> {
  let opened: Promise<OpenedDatabase> | undefined = parts.open()
  let current: OpenedDatabase | undefined = await opened
  const take = async (): Promise<OpenedDatabase> => {
    if (!opened) {
      opened = parts.open()
      // Called while the app is away: it is closed again when nobody uses it.
      if (parts.life.away) void leave().catch(() => undefined)
    }
    try {
      return (current = await opened)
    } catch (error) {
      opened = undefined
      throw error
    }
  }
  const closeNative = async () => {
    const before = current
    opened = current = undefined
    if (before) await before.close()
  }
  const queue = new SessionQueue({
    run: async (statements, options) => {
      const { runner } = await take()
      try {
        return await runner.run(statements, options)
      } catch (error) {
        // Somebody else in the app has closed it; the next call opens it again.
        if (error instanceof DataLayerError && error.details?.connection === 'gone') opened = current = undefined
        throw error
      }
    },
    inTransaction: () => current?.runner.mayBeInTransaction ?? false,
  })
  const leave = () => queue.alone(closeNative)
  parts.life.onLeave(leave)
  if (parts.life.away) void leave().catch(() => undefined)
  const alone = <T>(work: (database: OpenedDatabase) => Promise<T>) =>
    queue.alone(async () => {
      try {
        return await work(await take())
      } catch (error) {
        throw openError(error)
      }
    })
  return {
    engine: 'capacitor',
    run: (statements, options) => queue.run(statements, options),
    reserve: () => queue.reserve(),
    export: () => alone(parts.exportImage),
    copies: parts.copies(alone),
    close: () =>
      queue.close(async () => {
        try {
          await closeNative()
        } finally {
          parts.life.stop()
          parts.onClose()
        }
      }),
  }
}
