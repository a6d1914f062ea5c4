import type { StorageStatus } from '../../driver.ts'
import type { StorageReport } from './tabs/operations.ts'

/** How much of the origin's room is used, in bytes. */
export interface StorageUsage {
  readonly usage: number
  readonly quota: number
  /** Whether the browser promised not to clear it by itself when room runs short. */
  readonly persisted: boolean
}

/** What the browser says of this origin's storage; `null` where it says nothing. */
export async function storageUsage(): Promise<StorageUsage | null> {
  const storage = globalThis.navigator?.storage as StorageManager | undefined
  if (typeof storage?.estimate !== 'function') return null
  const [{ usage = 0, quota = 0 }, persisted] = await Promise.all([storage.estimate(), storage.persisted?.() ?? false])
  return { usage, quota, persisted }
}

/** Asks the browser to keep this origin's storage when room runs short. Some ask the user; some decide by themselves. */
export async function askToPersist(): Promise<boolean> {
  const storage = globalThis.navigator?.storage as StorageManager | undefined
  if (typeof storage?.persist !== 'function') return false
  return (await storage.persisted()) || storage.persist()
}

/** The connection's view of its storage. Persistence is asked for at the first write: before it there is nothing to keep. */
export function webStorage(report: StorageReport, persist: boolean): { status: StorageStatus; written(): void } {
  const durable = report.kind !== 'memory'
  let asked = !persist || !durable
  return {
    status: { kind: report.kind, durable, reason: report.reason, movedFrom: report.movedFrom },
    written: () => {
      if (asked) return
      asked = true
      // A refusal changes nothing for this connection; storageUsage() shows the answer.
      askToPersist().catch(() => undefined)
    },
  }
}
