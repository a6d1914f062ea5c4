import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadLegacy, newVisitor, startChromium, textOf, type Visitor } from '../app/browser.ts'
import { showAndroidApp, type ShownApp } from './android-browser.ts'
import { scratchProject, type ScratchProject } from './scratch-project.ts'

let project: ScratchProject
let browser: Browser
let visitor: Visitor
let shown: ShownApp

const show = async () => {
  const assets = join(project.root, 'app/android/app/src/main/assets')
  shown = await showAndroidApp(visitor.context, { data: join(project.root, 'data'), assets })
}

beforeAll(async () => {
  project = await scratchProject()
  project.make('android')
  browser = await startChromium()
  visitor = await newVisitor(browser, { permissions: ['clipboard-read', 'clipboard-write'] })
  await show()
})

afterAll(async () => {
  await browser?.close()
  await shown?.stop()
  project?.remove()
})

test('the synced app migrates a legacy database with the plugin, and finds it again after its process was killed', async () => {
  expect(await shown.page.evaluate('Capacitor.getPlatform()')).toBe('android')
  await loadLegacy(shown.page, { accounts: 4 })
  expect(await textOf(shown.page, 'launch-outcome')).toBe('migrated')
  const did = await textOf(shown.page, 'active-did')
  expect(shown.calls).toContain('query')
  await shown.kill()
  await shown.page.close()

  await show()
  await shown.page.getByTestId('launch-outcome').waitFor()
  expect(await textOf(shown.page, 'launch-outcome')).toBe('current')
  expect(await textOf(shown.page, 'active-did')).toBe(did)
  expect(visitor.complaints).toEqual([])
})

// Some thousands of calls, each across a browser's and a process's border: left to the long run.
test.runIf(process.env['SELFSAME_BROWSER_FULL'])(
  'the diagnostics pass on the plugin, and their report goes to the clipboard',
  { timeout: 900_000 },
  async () => {
    await shown.page.goto('https://localhost/#diagnostics')
    await shown.page.getByTestId('diagnostics-run').click()
    await shown.page.getByTestId('diagnostics-summary').waitFor({ timeout: 890_000 })
    expect(await textOf(shown.page, 'diagnostics-summary')).toMatch(/^2\d\d passed, 0 failed$/)
    await shown.page.getByTestId('diagnostics-export').click()
    await shown.page.getByText('The report is in the clipboard').waitFor()
    const report = JSON.parse(await shown.page.evaluate('navigator.clipboard.readText()')) as {
      driver: string
      benchmark: { medianMs: number }[]
    }
    expect(report.driver).toBe('capacitor')
    expect(report.benchmark).toHaveLength(6)
    process.stdout.write(`diagnostics in Chromium on the plugin's Java: ${shown.calls.length} calls, 0 failed\n`)
  },
)
