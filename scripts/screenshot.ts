// Writes docs/screenshot.png: the reference app after it has migrated a legacy database. Run it when the app changed.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { loadLegacy, newVisitor, startChromium } from '../tests/app/browser.ts'
import { serveBuiltApp } from '../tests/app/serve-app.ts'
import { projectFolder } from './entry-points.ts'

const file = join(projectFolder, 'docs', 'screenshot.png')
mkdirSync(join(projectFolder, 'docs'), { recursive: true })

const app = await serveBuiltApp()
const browser = await startChromium()
try {
  const visitor = await newVisitor(browser, { colorScheme: 'light', viewport: { width: 1120, height: 925 } })
  const page = await visitor.openTab(app.address)
  await loadLegacy(page, { accounts: 4 })
  await page.getByTestId('$accountSettings()').waitFor()
  await page.screenshot({ path: file })
  console.log(file)
} finally {
  await browser.close()
  await app.close()
}
