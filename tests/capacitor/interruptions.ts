import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Snapshot } from '../property/snapshot.ts'
import { driverFor } from './driver-for.ts'
import type { NativeApp, NativeHost, PluginObject } from './host.ts'
import {
  dataFolder,
  databaseName,
  installLegacyApp,
  interrupted,
  launchAndLook,
  launchUntil,
  spread,
  startApp,
} from './installed-app.ts'
import { withoutTransactions } from './without-transactions.ts'

const timeout = 3_000_000
const never = Number.POSITIVE_INFINITY
const unchanged = (plugin: PluginObject) => plugin

/** A launch that migrates is interrupted at its crossings of the bridge, each of which is one statement or one set. */
export function interruptionsOn(host: NativeHost): void {
  describe(`a migration interrupted on ${host.platform}`, () => {
    let pristine: string
    let last: number
    let content: Snapshot

    beforeAll(async () => {
      pristine = mkdtempSync(join(tmpdir(), 'selfsame-phone-'))
      await installLegacyApp(host, pristine)
      const folder = mkdtempSync(join(tmpdir(), 'selfsame-phone-'))
      cpSync(pristine, folder, { recursive: true })
      const app = await host.start(folder)
      const counting = interrupted(app, host, never, async () => undefined)
      await launchUntil(counting)
      last = counting.crossings()
      const whole = await launchAndLook(driverFor(app, host.platform, databaseName))
      content = whole.content
      await app.stop()
      rmSync(folder, { recursive: true, force: true })
      expect(whole.outcome).toBe('usable')
    }, timeout)

    afterAll(() => rmSync(pristine, { recursive: true, force: true }))

    /** What is wrong after each interruption with the app that is started next. */
    const brokenStarts = async (
      points: readonly number[],
      interrupt: (app: NativeApp, folder: string) => { now: () => Promise<unknown>; next: () => Promise<NativeApp> },
      plugin: (real: PluginObject) => PluginObject = unchanged,
    ): Promise<string[]> => {
      const broken: string[] = []
      for (const point of points) {
        const folder = dataFolder(pristine)
        const app = await startApp(host, folder)
        const { now, next } = interrupt(app, folder)
        await launchUntil(interrupted(app, host, point, now, plugin(app.page.plugin.CapacitorSQLite)))
        const again = await next()
        const after = await launchAndLook(driverFor(again, host.platform, databaseName)).catch((error: Error) => ({
          outcome: error.message,
          content: undefined,
        }))
        await again.stop()
        if (after.outcome !== 'usable') broken.push(`before crossing ${point}: ${after.outcome}`)
        else if (JSON.stringify(after.content) !== JSON.stringify(content))
          broken.push(`before crossing ${point}: other rows`)
      }
      return broken
    }
    const killed = (app: NativeApp, folder: string) => ({ now: () => app.kill(), next: () => startApp(host, folder) })
    const reloaded = (app: NativeApp) => ({ now: () => app.reload(), next: async () => app })

    for (const [words, interrupt] of [
      ['killed', killed],
      ['reloaded', reloaded],
    ] as const) {
      test(`${words} before a crossing, the next start has every row`, { timeout }, async () => {
        const points = spread(last, 4)
        const broken = await brokenStarts(points, interrupt)
        process.stdout.write(
          `${host.platform}: ${words} before ${points.length} of ${last} crossings: ${broken.length} broken starts\n`,
        )
        expect(broken).toEqual([])
      })

      test(`${words} in a launch whose transactions are taken out, the next start is broken`, { timeout }, async () => {
        // Where a launch makes its own tables, which a half-made ledger keeps the next one from doing.
        const points = [0.15, 0.17].map((part) => Math.round(last * part))
        expect(await brokenStarts(points, interrupt, withoutTransactions)).not.toEqual([])
      })
    }
  })
}
