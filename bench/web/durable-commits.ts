// Durable commits in a real Chromium: ours beside the bare engine in its worker, another tab's beside the owner's, and
// beside jeep-sqlite, the plugin's web half.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { build, preview } from 'vite'
import { requireChromium } from '../../scripts/chromium.ts'
import { projectFolder, sourceAliases } from '../../scripts/entry-points.ts'
import { selfsame } from '../../src/vite/index.ts'
import { alternate, compare, type BenchResult } from '../measure.ts'
import type { Bench } from './page.ts'

declare global {
  var bench: Bench
}

const root = join(projectFolder, 'bench/web')
const commitsPerRun = 100
const jeepCommitsPerRun = 5

/** The comparisons, medians over `runs` alternating runs. */
export async function durableCommits(runs = 15): Promise<BenchResult[]> {
  const outDir = mkdtempSync(join(tmpdir(), 'selfsame-bench-'))
  const config = {
    configFile: false as const,
    root,
    logLevel: 'error' as const,
    resolve: { alias: sourceAliases() },
    plugins: [selfsame()],
  }
  await build({ ...config, build: { outDir, emptyOutDir: true, target: 'es2023' } })
  // The wasm that jeep-sqlite's bundle was made for: with the one that its range allows today it never opens.
  copyFileSync(join(projectFolder, 'node_modules/sql.js-1.11/dist/sql-wasm.wasm'), join(outDir, 'assets/sql-wasm.wasm'))
  const server = await preview({ ...config, build: { outDir }, preview: { host: '127.0.0.1', port: 0 } })
  const address = server.resolvedUrls?.local[0] ?? ''
  const browser = await chromium.launch({
    executablePath: requireChromium(),
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu', '--disable-background-networking'],
  })
  try {
    const context = await browser.newContext()
    const [first, second] = [await context.newPage(), await context.newPage()]
    for (const page of [first, second]) {
      await page.goto(address)
      await page.waitForFunction(() => 'bench' in globalThis)
    }
    for (const subject of ['owner', 'normal', 'bare', 'jeep'] as const)
      await first.evaluate((name) => bench.open(name), subject)
    await second.evaluate(() => bench.open('other'))
    const time =
      (page: Page, subject: string, times = commitsPerRun) =>
      () =>
        page.evaluate(([name, count]) => bench.time(name, count), [subject, times] as const)
    const bare = await alternate(runs, time(first, 'owner'), time(first, 'bare'))
    const tabs = await alternate(runs, time(second, 'other'), time(first, 'owner'))
    const jeep = await alternate(runs, time(first, 'owner'), time(first, 'jeep', jeepCommitsPerRun))
    const relaxed = await alternate(runs, time(first, 'normal'), time(first, 'jeep', jeepCommitsPerRun))
    const unit = 'ms'
    return [
      compare(
        { name: 'durable commit at 10 MB', subject: 'selfsame/web', peer: 'the bare engine in its worker', unit },
        bare.subject,
        bare.peer,
      ),
      compare(
        {
          name: 'durable commit at 10 MB, from another tab',
          subject: 'another tab',
          peer: 'the tab that owns it',
          unit,
        },
        tabs.subject,
        tabs.peer,
      ),
      compare(
        {
          name: 'durable commit at 10 MB, beside the plugin’s web half',
          subject: 'selfsame/web',
          peer: 'jeep-sqlite 2.8.0: run and saveToStore',
          unit,
        },
        jeep.subject,
        jeep.peer,
      ),
      // Chromium does not wait for the disk when jeep-sqlite saves: this one of ours promises as much.
      compare(
        {
          name: 'commit at 10 MB that outlives the browser, beside the plugin’s web half',
          subject: 'selfsame/web, synchronous NORMAL',
          peer: 'jeep-sqlite 2.8.0: run and saveToStore',
          unit,
        },
        relaxed.subject,
        relaxed.peer,
      ),
    ]
  } finally {
    await browser.close()
    await server.close()
    rmSync(outDir, { recursive: true, force: true })
  }
}

if (import.meta.main) console.log(JSON.stringify(await durableCommits(), undefined, 2))
