// The process of one database: SQLite's work does not stop main, and can be ended.
import { serveDriver } from 'selfsame/electron/main'
import { nodeDriver } from 'selfsame/node'

serveDriver(nodeDriver({ filename: process.argv[2] ?? '' }))
