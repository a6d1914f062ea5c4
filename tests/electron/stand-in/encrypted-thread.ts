// The thread of an encrypted database, as an app writes it.
import { workerData } from 'node:worker_threads'
import { serveDriver } from '../../../src/db/drivers/electron/main/index.ts'
import { encryptedDriver } from '../../../src/db/drivers/node/encrypted/index.ts'

serveDriver(encryptedDriver(workerData as { filename: string; key: string }))
