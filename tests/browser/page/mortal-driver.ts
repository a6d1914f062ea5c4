import type { Driver } from 'selfsame'
import { webDriver, type WebDriverOptions } from 'selfsame/web'
import type { Faults } from './faults.ts'

/** A worker of the driver's, in a browser that fails in the ways named. */
export function startWorker(faults?: Faults): Worker {
  if (!faults) return new Worker(new URL('../../../src/db/drivers/web/worker.ts', import.meta.url), { type: 'module' })
  const worker = new Worker(new URL('./faulty-worker.ts', import.meta.url), { type: 'module' })
  worker.postMessage({ faults })
  return worker
}

/** The driver, with a way to end its worker and its launch lock at once, as the end of a tab ends them. */
export function mortalDriver(
  options: Omit<WebDriverOptions, 'worker'>,
  faults?: Faults,
): { readonly driver: Driver; kill(): void } {
  const workers: Worker[] = []
  let unlock: (() => Promise<void>) | undefined
  const driver = webDriver({
    ...options,
    worker: () => {
      const worker = startWorker(faults)
      workers.push(worker)
      return worker
    },
  })
  return {
    driver: {
      ...driver,
      acquireLaunchLock: async (lock) => (unlock = await driver.acquireLaunchLock(lock)),
    },
    kill: () => {
      for (const worker of workers) worker.terminate()
      void unlock?.()
    },
  }
}
