// The thread of a database whose process is killed from within it, before one of its statements.
import { workerData } from 'node:worker_threads'
import { serveDriver } from '../../../src/db/drivers/electron/main/index.ts'
import { nodeDriver } from '../../../src/db/drivers/node/index.ts'
import { dyingDriver } from '../../processes/dying-driver.ts'

const { filename, dieBefore, statements } = workerData as {
  filename: string
  dieBefore: number
  /** How many there were, once the database is closed. */
  statements: Int32Array
}
const dying = dyingDriver(nodeDriver({ filename }), { dieBefore, weakness: 'none' })
serveDriver({
  ...dying,
  open: async () => {
    const connection = await dying.open()
    return {
      ...connection,
      close: async () => {
        await connection.close()
        statements[0] = dying.statements()
      },
    }
  },
})
