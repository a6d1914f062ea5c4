import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { driverConformance } from 'selfsame/testing'
import type { NativeApp, NativeHost } from './host.ts'
import { driverFor } from './driver-for.ts'

/** Runs the whole conformance suite in one app: each test has a database of its own. */
export function conformanceOn(host: NativeHost): void {
  describe(`the Capacitor driver on ${host.platform}`, () => {
    let folder: string
    let app: NativeApp

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), `selfsame-${host.platform}-`))
      app = await host.start(folder)
    })

    afterAll(async () => {
      await app?.stop()
      rmSync(folder, { recursive: true, force: true })
    })

    test.each(driverConformance.map((test, index) => ({ ...test, index })))('$name', async ({ run, index }) => {
      await expect(run(driverFor(app, host.platform, `test-${index}`))).resolves.toBeUndefined()
    })
  })
}
