import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { migrateRandomDatabases } from '../browser/page/random-migrations.ts'
import { driverFor } from './driver-for.ts'
import type { NativeHost } from './host.ts'

const databases = process.env['SELFSAME_FULL'] ? 200 : 3

/** The property that tests/property holds on Node, over the plugin. */
export function randomMigrationsOn(host: NativeHost, seed: number): void {
  test(
    `random legacy databases on ${host.platform} migrate, roll back to the same rows, and migrate again`,
    { timeout: 3_000_000 },
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'selfsame-random-'))
      const app = await host.start(folder)
      try {
        let number = 0
        const makeDriver = () => driverFor(app, host.platform, `random-${(number += 1)}`)
        const { rows, findings } = await migrateRandomDatabases(makeDriver, databases, seed)
        process.stdout.write(
          `${host.platform}: ${databases} random legacy databases, ${rows} rows, ${findings.length} findings\n`,
        )
        expect(findings).toEqual([])
        expect(rows).toBeGreaterThan(0)
      } finally {
        await app.stop()
        rmSync(folder, { recursive: true, force: true })
      }
    },
  )
}
