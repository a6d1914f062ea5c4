import type { DatabaseSync } from 'node:sqlite'
import { DataLayerError } from '../../../errors/index.ts'
import type { DriverConnection } from '../../driver.ts'
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
  return {
    engine: 'node',
    run: (statements, runOptions) => queue.run(statements, runOptions),
    reserve: () => queue.reserve(),
    export: () => queue.alone(() => exportImage(database)),
    ...(path === ':memory:' ? {} : { copies: { ...nodeCopies(path, options), restore } }),
    close: () => queue.close(async () => database.close()),
  }
}
