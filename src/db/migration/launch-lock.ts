import { DataLayerError, redactText } from '../../errors/index.ts'
import type { Driver, DriverConnection } from '../driver.ts'
import type { LaunchVoice } from './launch-voice.ts'
import type { MigrationOptions } from './migrator-types.ts'
import { outcomeOf } from './refusal.ts'

/** A driver and the connection it opened. */
export interface MigrationTarget {
  readonly driver: Driver
  readonly connection: DriverConnection
}

/**
 * Works under the lock that spans a launch, telling who has it while it waits. What was committed stays so: a lock that
 * cannot be let go is a warning, and the driver's to take over.
 *
 * @throws {DataLayerError} `locked`, and whatever `work` throws
 */
export async function underLaunchLock<T>(
  driver: Driver,
  options: MigrationOptions,
  voice: LaunchVoice,
  work: () => Promise<T>,
): Promise<T> {
  const release = await driver.acquireLaunchLock({
    timeoutMs: options.lockTimeoutMs ?? 60_000,
    onWait: (holder) => voice.tell({ type: 'waiting', holder: holder?.holder ?? null, since: holder?.since ?? null }),
  })
  try {
    return await work()
  } finally {
    await release().catch((error: unknown) =>
      voice.warnings.push(
        `The launch lock was not let go: ${error instanceof Error ? redactText(error.message) : 'no reason was given'}`,
      ),
    )
  }
}

/**
 * One change other than a launch (a rollback, a drop, a set-up): under the lock, told to its end, its warnings in its report.
 *
 * @param did whether a report says that something was done
 */
export async function changeUnderLock<T extends object>(
  target: MigrationTarget,
  options: MigrationOptions,
  voice: LaunchVoice,
  work: () => Promise<T>,
  did: (report: T) => boolean,
): Promise<T & { readonly warnings?: readonly string[] }> {
  try {
    const report = await underLaunchLock(target.driver, options, voice, work)
    voice.tell({ type: 'finished', outcome: did(report) ? 'migrated' : 'current' })
    return voice.warnings.length > 0 ? { ...report, warnings: voice.warnings } : report
  } catch (error) {
    voice.tell({ type: 'finished', outcome: error instanceof DataLayerError ? outcomeOf(error) : 'failed' })
    throw error
  }
}
