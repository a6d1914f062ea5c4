import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDataLayer, type DataLayer } from 'selfsame'
import { driverFor } from './driver-for.ts'
import type { NativeApp, NativeHost } from './host.ts'

const ada = 'did:ethr:0x0000000000000000000000000000000000000ada'
const bob = 'did:ethr:0x0000000000000000000000000000000000000b0b'

const page = readFileSync(new URL('../../docs/platforms/ios-android.md', import.meta.url), 'utf8')

/** What the documentation says a call costs: `| \`$settings()\` | Android | iOS |`, a second number for the next time. */
function documented(name: string, platform: 'android' | 'ios'): number[] {
  const row = page.split('\n').find((line) => line.startsWith(`| ${name} |`))
  const cell = row?.split('|')[platform === 'android' ? 2 : 3]?.trim() ?? ''
  return cell.split(', then ').map(Number)
}

const calls: readonly (readonly [name: string, (dataLayer: DataLayer) => Promise<unknown>])[] = [
  ['$accountSettings()', ({ platform }) => platform.$accountSettings()],
  ['$accountSettings(did)', ({ platform }) => platform.$accountSettings(bob)],
  ['$updateActiveDid(did)', ({ platform }) => platform.$updateActiveDid(bob)],
  ['$updateActiveDid(null)', ({ platform }) => platform.$updateActiveDid(null)],
  ['$saveSettings(patch)', ({ platform }) => platform.$saveSettings({ firstName: 'x' })],
  ['$saveSettings(patch with activeDid)', ({ platform }) => platform.$saveSettings({ firstName: 'y', activeDid: ada })],
  ['$getActiveIdentity()', ({ platform }) => platform.$getActiveIdentity()],
  ['$saveUserSettings(did, patch)', ({ platform }) => platform.$saveUserSettings(bob, { firstName: 'x' })],
  ['$dbQuery(sql)', ({ platform }) => platform.$dbQuery('SELECT 1')],
  ['$dbExec(sql)', ({ platform }) => platform.$dbExec('UPDATE settings SET firstName = 1')],
]

/** Counts what crosses the bridge for the calls an app makes most, each as the first of its kind after a launch. */
export function bridgeCallsOn(host: NativeHost): void {
  describe(`crossings of the bridge on ${host.platform}`, () => {
    let folder: string
    let app: NativeApp

    const launched = async () => {
      const dataLayer = createDataLayer({ driver: driverFor(app, host.platform, 'counted') })
      const { calls: crossings } = app.page
      crossings.length = 0
      const report = await dataLayer.launch()
      return { dataLayer, report, crossings: [...crossings] }
    }

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'selfsame-calls-'))
      app = await host.start(folder)
      const { dataLayer } = await launched()
      for (const did of [ada, bob]) await dataLayer.accounts.add({ did, dateCreated: '2024-01-01', publicKeyHex: '01' })
      await dataLayer.close()
    })

    afterAll(async () => {
      await app?.stop()
      rmSync(folder, { recursive: true, force: true })
    })

    test('launch of a current database', async () => {
      const { dataLayer, report, crossings } = await launched()
      await dataLayer.close()
      expect(report.outcome).toBe('current')
      expect([crossings.length]).toEqual(documented('launch of a current database', host.platform))
      expect(crossings.length).toBeLessThanOrEqual(6)
    })

    test.each(calls)('%s, first and again', async (name, call) => {
      const { dataLayer } = await launched()
      const counted: number[] = []
      for (let time = 0; time < 2; time += 1) {
        app.page.calls.length = 0
        await call(dataLayer)
        counted.push(app.page.calls.length)
      }
      await dataLayer.close()
      expect(counted[0] === counted[1] ? counted.slice(0, 1) : counted).toEqual(
        documented(`\`${name}\``, host.platform),
      )
    })
  })
}
