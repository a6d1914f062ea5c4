import type { DatabaseSync } from 'node:sqlite'
import { DataLayerError } from '../../../errors/index.ts'
import type { DriverConnection, DriverCopies } from '../../driver.ts'
import { SessionQueue } from '../../session-queue.ts'
import { exportImage } from './export-image.ts'
import { nodeCopies } from './node-copies.ts'
import { openFile, type OpenOptions } from './open-file.ts'
import { restoreCopy } from './restore-copy.ts'
import { NodeStatementRunner } from './statement-runner.ts'

/** @param path an absolute path, or `:memory:` */
export async function openConnection(path: string, options: OpenOptions): Promise<DriverConnection> {
  let database: DatabaseSync
  let runner: NodeStatementRunner
  const connect = async () => {
    database = await openFile(path, options)
    runner = new NodeStatementRunner(database)
  }
  await connect()
  const queue = new SessionQueue({
    run: (statements, runOptions) => runner.run(statements, runOptions),
    inTransaction: () => database.isTransaction,
  })
  const restore = (location: string) =>
    queue.alone(async () => {
      if (options.readOnly) throw new DataLayerError('unsupported', 'The database is open for reading only.')
      const { replacedFile, ...restored } = await restoreCopy(path, location)
      if (replacedFile) {
        database.close()
        await connect()
      }
      runner.forget()
      return restored
    })
  const files = nodeCopies(path, options)
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
    engine: 'node',
    run: (statements, runOptions) => queue.run(statements, runOptions),
    reserve: () => queue.reserve(),
    export: () => queue.alone(() => exportImage(database)),
    ...(path === ':memory:' ? {} : { copies }),
    close: () => queue.close(async () => database.close()),
  }
}
