import type { Driver, DriverConnection } from '../driver.ts'
import type { LaunchVoice } from './launch-voice.ts'
import type { MigrationOptions } from './migrator-types.ts'

/** A driver and the connection it opened. */
export interface MigrationTarget {
  readonly driver: Driver
  readonly connection: DriverConnection
}

/** Takes the lock that spans the launch, telling who has it while it waits. */
export async function takeLaunchLock(
  driver: Driver,
  options: MigrationOptions,
  voice: LaunchVoice,
): Promise<() => Promise<void>> {
  return driver.acquireLaunchLock({
    timeoutMs: options.lockTimeoutMs ?? 60_000,
    onWait: (holder) => voice.tell({ type: 'waiting', holder: holder?.holder ?? null, since: holder?.since ?? null }),
  })
}
