import { workerData } from 'node:worker_threads'
import { serveDriver } from '../../src/db/drivers/electron/main/index.ts'
import { nodeDriver } from '../../src/db/drivers/node/index.ts'

serveDriver(nodeDriver({ filename: (workerData as { filename: string }).filename }))
