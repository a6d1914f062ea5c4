import { driverConformance } from 'selfsame/testing'
import { webDriver, type StorageKind } from 'selfsame/web'

// Each test starts a worker and SQLite's wasm of its own.
const parallel = 6

/**
 * Runs the conformance suite in this page, or what of it `pattern` matches.
 *
 * @returns `passed`, or what went wrong, by the name of each test
 */
export async function runConformance(storage: StorageKind, pattern: string): Promise<Record<string, string>> {
  const outcomes: Record<string, string> = {}
  const left = driverConformance.filter(({ name }) => new RegExp(pattern).test(name))
  const runNext = async (): Promise<void> => {
    const test = left.shift()
    if (!test) return
    const driver = webDriver({ name: crypto.randomUUID(), storage: [storage], persist: false })
    outcomes[test.name] = await test.run(driver).then(
      () => 'passed',
      (error: unknown) => (error instanceof Error ? `${error.message}\n${error.stack}` : String(error)),
    )
    return runNext()
  }
  await Promise.all(Array.from({ length: parallel }, runNext))
  return outcomes
}
