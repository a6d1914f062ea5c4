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
import { alternate, compare, type BenchResult, type Comparison } from '../measure.ts'
import type { Bench } from './page.ts'

declare global {
  var bench: Bench
}

const root = join(projectFolder, 'bench/web')
const commitsPerRun = 100
const jeepCommitsPerRun = 5

/** Milliseconds for one commit. */
interface Cost {
  readonly wall: number
  /** Of all the browser's processes: what is left of the time on a machine that does other things too. */
  readonly processor: number
}

function both(
  names: Omit<Comparison, 'unit'>,
  { subject, peer }: { readonly subject: readonly Cost[]; readonly peer: readonly Cost[] },
): BenchResult[] {
  const of = (costs: readonly Cost[], kind: keyof Cost) => costs.map((cost) => cost[kind])
  return [
    compare({ ...names, name: `${names.name}: by the clock`, unit: 'ms' }, of(subject, 'wall'), of(peer, 'wall')),
    compare(
      { ...names, name: `${names.name}: processor time`, unit: 'ms' },
      of(subject, 'processor'),
      of(peer, 'processor'),
    ),
  ]
}

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
  // A context of Playwright's own is a private one: its files are in the browser's memory, and each write is a message there.
  const profile = mkdtempSync(join(tmpdir(), 'selfsame-bench-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: requireChromium(),
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu', '--disable-background-networking'],
  })
  try {
    const [first, second] = [await context.newPage(), await context.newPage()]
    for (const page of [first, second]) {
      await page.goto(address)
      await page.waitForFunction(() => 'bench' in globalThis)
    }
    for (const subject of ['owner', 'normal', 'bare', 'jeep'] as const)
      await first.evaluate((name) => bench.open(name), subject)
    const processes = await context.browser()!.newBrowserCDPSession()
    const processorTime = async () => {
      const { processInfo } = await processes.send('SystemInfo.getProcessInfo')
      return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime * 1000, 0)
    }
    const time =
      (page: Page, subject: string, times = commitsPerRun) =>
      async (): Promise<Cost> => {
        const before = await processorTime()
        const wall = await page.evaluate(([name, count]) => bench.time(name, count), [subject, times] as const)
        return { wall, processor: ((await processorTime()) - before) / times }
      }
    const ours = time(first, 'owner')
    const jeep = time(first, 'jeep', jeepCommitsPerRun)
    const peer = 'jeep-sqlite 2.8.0: run and saveToStore'
    // Before there is another tab, which is told of every commit.
    const bare = await alternate(runs, ours, time(first, 'bare'))
    await second.evaluate(() => bench.open('other'))
    return [
      ...both(
        {
          name: 'durable commit at 10 MB',
          subject: 'selfsame/web',
          peer: 'the bare engine in its worker',
          aim: { atMost: 1.3 },
        },
        bare,
      ),
      ...both(
        {
          name: 'durable commit at 10 MB, from another tab',
          subject: 'another tab',
          peer: 'the tab that owns it',
          aim: { atMost: 2 },
        },
        await alternate(runs, time(second, 'other'), ours),
      ),
      ...both(
        {
          name: 'durable commit at 10 MB, beside the plugin’s web half',
          subject: 'selfsame/web',
          peer,
          aim: { timesSmaller: 70 },
        },
        await alternate(runs, ours, jeep),
      ),
      // Chromium does not wait for the disk when jeep-sqlite saves: this one of ours promises as much.
      ...both(
        {
          name: 'commit at 10 MB that outlives the browser, beside the plugin’s web half',
          subject: 'selfsame/web, synchronous NORMAL',
          peer,
        },
        await alternate(runs, time(first, 'normal'), jeep),
      ),
    ]
  } finally {
    await context.close()
    await server.close()
    for (const folder of [outDir, profile]) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
