import { DataLayerError } from '../../../errors/index.ts'
import type { DriverConnection, DriverCopies } from '../../driver.ts'
import { SessionQueue } from '../../session-queue.ts'
import type { EngineDatabase } from './engine.ts'
import { exportImage } from './export-image.ts'
import { copiesWith } from './node-copies.ts'
import { openFile, type OpenOptions } from './open-file.ts'
import { restoreCopy } from './restore-copy.ts'
import { NodeStatementRunner } from './statement-runner.ts'

/** @param path an absolute path, or `:memory:` */
export async function openConnection(path: string, options: OpenOptions): Promise<DriverConnection> {
  let database: EngineDatabase
  let runner: NodeStatementRunner
  const { engine } = options
  const connect = async () => {
    database = await openFile(path, options)
    runner = new NodeStatementRunner(database)
  }
  await connect()
  const queue = new SessionQueue({
    run: (statements, runOptions) => runner.run(statements, runOptions),
    inTransaction: () => database.isTransaction,
  })
  const restore: DriverCopies['restore'] = (location, restoreOptions) =>
    queue.alone(async () => {
      if (options.readOnly) throw new DataLayerError('unsupported', 'The database is open for reading only.')
      // An engine that replaces the file must find it closed.
      if (!engine.copiesInto) database.close()
      let replaced = !engine.copiesInto
      try {
        const { replacedFile, ...restored } = await restoreCopy(path, location, engine, restoreOptions)
        if (replacedFile && engine.copiesInto) database.close()
        replaced ||= replacedFile
        return restored
      } finally {
        if (replaced) await connect()
        runner.forget()
      }
    })
  const files = copiesWith(engine, path, options.readOnly)
  // A copy is read through a connection of its own, so it waits for nobody: a session may be open meanwhile.
  const whileOpen = async <T>(work: () => Promise<T>): Promise<T> => {
    queue.mustBeOpen()
    return work()
  }
  const copies: DriverCopies = {
    write: (where) => whileOpen(() => files.write(where)),
    list: (where) => whileOpen(() => files.list(where)),
    remove: (location) => whileOpen(() => files.remove(location)),
    restore,
  }
  return {
    engine: engine.name,
    run: (statements, runOptions) => queue.run(statements, runOptions),
    reserve: () => queue.reserve(),
    export: () => queue.alone(() => exportImage(database)),
    ...(path === ':memory:' ? {} : { copies }),
    close: () => queue.close(async () => database.close()),
  }
}
