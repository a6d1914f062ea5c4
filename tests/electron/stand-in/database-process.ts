// The process of a database, as an app writes it.
import { serveDriver } from '../../../src/db/drivers/electron/main/index.ts'
import { nodeDriver } from '../../../src/db/drivers/node/index.ts'

serveDriver(nodeDriver({ filename: process.argv[2] ?? '' }))
