import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { projectFolder } from '../../../scripts/entry-points.ts'

/** The longest that the machine kept waiting who wants nothing but a timer, and who writes one page, in milliseconds. */
export interface MachineStalls {
  readonly timer: number
  readonly fsync: number
}

/** Measures the machine itself beside a test, so that its own stalls can be told from those that the database makes. */
export function watchMachine(): { stop(): Promise<MachineStalls> } {
  const worker = new Worker(join(projectFolder, 'tests/browser/support/machine-stalls-thread.ts'))
  return {
    stop: async () => {
      const told = new Promise<MachineStalls>((resolve, reject) => {
        worker.once('message', resolve)
        worker.once('error', reject)
      })
      worker.postMessage('stop')
      return told.finally(() => worker.terminate())
    },
  }
}
