import type { Page } from 'playwright-core'
import { beforeEach } from 'vitest'
import type { StorageKind } from 'selfsame/web'
import type { Faults } from '../page/faults.ts'
import { useBrowser } from './shared.ts'

interface AttemptOptions {
  readonly storage?: readonly StorageKind[]
  readonly name?: string
}

/** A tab for each test, and attempts in it. Call it at the top of a file. */
export function useAttempts() {
  const shared = useBrowser()
  let page: Page
  beforeEach(async () => {
    page = await shared.tab()
  })
  return {
    get page() {
      return page
    },
    attempt: (faults: Faults, texts: readonly string[], options: AttemptOptions = {}) =>
      attempt(page, faults, texts, options),
  }
}

/** Opens the database under faults, runs statements until one fails; says how it went and what the storage was. */
function attempt(page: Page, faults: Faults, texts: readonly string[], { storage, name = 'app' }: AttemptOptions) {
  return page.evaluate(
    async ({ faults: wrong, texts: statements, storage: kinds, name: database }) => {
      const options = { name: database, persist: false, ...(kinds ? { storage: kinds } : {}) }
      const driver = Object.keys(wrong).length > 0 ? selfsame.faultyDriver(options, wrong) : selfsame.webDriver(options)
      let connection: Awaited<ReturnType<typeof driver.open>> | undefined
      let done = 0
      try {
        connection = await driver.open()
        let rows: unknown
        for (const text of statements) {
          rows = (await connection.run([{ text, params: [] }]))[0]?.rows
          done += 1
        }
        return { code: null, done, rows, storage: connection.storage }
      } catch (error) {
        const { code, message, details } = error as { code: string; message: string; details?: unknown }
        return { code, message, details, done, storage: connection?.storage }
      } finally {
        await connection?.close()
      }
    },
    { faults, texts, storage, name },
  )
}
