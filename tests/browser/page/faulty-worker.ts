// The driver's worker in a browser where things go wrong: breaks it first, then loads the worker and hands over its messages.
import { applyFaults, type Faults } from './faults.ts'

const early: MessageEvent[] = []
const keep = (event: MessageEvent<{ faults?: Faults }>) => {
  if (event.data.faults) applyFaults(event.data.faults)
  else early.push(event)
}
globalThis.addEventListener('message', keep)
await import('../../../src/db/drivers/web/worker.ts')
globalThis.removeEventListener('message', keep)
for (const { data } of early) globalThis.dispatchEvent(new MessageEvent('message', { data }))
