import { describe, expect, test } from 'vitest'
import type { NativeHost } from './host.ts'
import { answerTests } from './answer-tests.ts'
import { dataFolder, startApp } from './installed-app.ts'
import { nameTests } from './name-tests.ts'
import { pageTests } from './page-tests.ts'
import { schemaAndLossTests } from './schema-and-loss-tests.ts'
import { takeoverTests } from './takeover-tests.ts'

/** The tests of a page's life, each in an app of its own. */
export function pageTestsOn(host: NativeHost): void {
  const own = [...pageTests, ...takeoverTests, ...schemaAndLossTests, ...nameTests, ...answerTests].filter(
    ({ platform = host.platform }) => platform === host.platform,
  )
  describe(`pages on ${host.platform}`, () => {
    test.each(own)('$name', async ({ run }) => {
      const app = await startApp(host, dataFolder())
      await expect(run(app, host.platform, 'app')).resolves.toBeUndefined()
    })
  })
}
