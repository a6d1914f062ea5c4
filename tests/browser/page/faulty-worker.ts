// The driver's worker in a browser where things go wrong. The faults come as the first message, before anything is opened.
import { page } from '../../../src/db/drivers/web/worker.ts'
import { applyFaults, type Faults } from './faults.ts'

globalThis.addEventListener('message', ({ data }: MessageEvent<{ faults?: Faults }>) => {
  // Naming the worker's page keeps its module: the package says that its modules have no effects of their own.
  if (data.faults && !page.$closed) applyFaults(data.faults)
})
