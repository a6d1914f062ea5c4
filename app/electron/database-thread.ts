// The thread of one database: SQLite's work does not stop main.
import { workerData } from 'node:worker_threads'
import { serveDriver } from 'selfsame/electron/main'
import { nodeDriver } from 'selfsame/node'

serveDriver(nodeDriver({ filename: (workerData as { filename: string }).filename }))
