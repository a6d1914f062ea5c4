// The thread of an encrypted database, as an app writes it.
import { workerData } from 'node:worker_threads'
import { serveDriver } from '../../../src/db/drivers/electron/main/index.ts'
import { encryptDatabase, encryptedDriver } from '../../../src/db/drivers/node/encrypted/index.ts'

const options = workerData as { filename: string; key: string }
const driver = encryptedDriver(options)
serveDriver({
  ...driver,
  open: async (patience) => {
    await encryptDatabase(options)
    return driver.open(patience)
  },
})
