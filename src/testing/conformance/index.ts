import { affinityTests } from './affinity.ts'
import { changeFeedTests } from './change-feed.ts'
import { concurrencyTests } from './concurrency.ts'
import type { ConformanceTest } from './conformance-test.ts'
import { copyTests } from './copies.ts'
import { errorTests } from './errors.ts'
import { launchLockTests } from './launch-lock.ts'
import { lifecycleTests } from './lifecycle.ts'
import { refusedValueTests } from './refused-values.ts'
import { resultTests } from './results.ts'
import { statementTests } from './statements.ts'
import { transactionTests } from './transactions.ts'
import { valueTests } from './values.ts'
import { writeTests } from './writes.ts'

export type { ConformanceTest } from './conformance-test.ts'

/**
 * What «the same on every engine» means. Each test takes a driver for an empty database of its own; needs no test framework.
 *
 * @example
 * for (const { name, run } of driverConformance) test(name, async () => run(myDriver({ name: uniqueName() })))
 */
export const driverConformance: readonly ConformanceTest[] = [
  ...valueTests,
  ...refusedValueTests,
  ...affinityTests,
  ...resultTests,
  ...writeTests,
  ...statementTests,
  ...errorTests,
  ...transactionTests,
  ...concurrencyTests,
  ...changeFeedTests,
  ...lifecycleTests,
  ...launchLockTests,
  ...copyTests,
]
