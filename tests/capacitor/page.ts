import { describe, expect, test } from 'vitest'
import { allPageTests } from './all-page-tests.ts'
import type { NativeHost } from './host.ts'
import { dataFolder, startApp } from './installed-app.ts'

/** The tests of a page's life, each in an app of its own. */
export function pageTestsOn(host: NativeHost, encryptingHost: NativeHost): void {
  const own = allPageTests.filter(({ platform = host.platform }) => platform === host.platform)
  describe(`pages on ${host.platform}`, () => {
    test.each(own)('$name', async ({ run, encrypted }) => {
      const app = await startApp(encrypted ? encryptingHost : host, dataFolder())
      await expect(run(app, host.platform, 'app')).resolves.toBeUndefined()
    })
  })
}
