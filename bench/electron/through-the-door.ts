// What the door costs across a process boundary. Electron is not there: the window is a page in a real Chromium, main is this
// process, and Chromium's debugging pipe lies between them, so that a call goes from the renderer's process through the
// browser's to Node and back. The database's process is behind main, as in an app.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { build, preview } from 'vite'
import { requireChromium } from '../../scripts/chromium.ts'
import { projectFolder, sourceAliases } from '../../scripts/entry-points.ts'
import { alternate, compare, type BenchResult } from '../measure.ts'
import { overAPipe } from './over-a-pipe.ts'
import { startMain } from './start-main.ts'

const root = join(projectFolder, 'bench/electron')
const runs = 9

/** The comparisons, medians over alternating runs. */
export async function throughTheDoor(): Promise<BenchResult[]> {
  return [...(await fromAPage()), await overAPipe()]
}

async function fromAPage(): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'selfsame-bench-'))
  const config = { configFile: false as const, root, logLevel: 'error' as const, resolve: { alias: sourceAliases() } }
  await build({ ...config, build: { outDir: folder, emptyOutDir: true, target: 'es2023' } })
  const server = await preview({ ...config, build: { outDir: folder }, preview: { host: '127.0.0.1', port: 0 } })
  const browser = await chromium.launch({
    executablePath: requireChromium(),
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu', '--disable-background-networking'],
  })
  const main = startMain(join(folder, 'app.sqlite'))
  try {
    const page = await browser.newPage()
    await page.goto(server.resolvedUrls?.local[0] ?? '')
    await serve(page, main)
    await page.evaluate(() => openWindowBench())
    return await measure(page)
  } finally {
    await main.close()
    await browser.close()
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function serve(page: Page, main: ReturnType<typeof startMain>): Promise<void> {
  const pipe = await page.context().newCDPSession(page)
  pipe.on('Runtime.bindingCalled', async ({ payload }) => {
    const [id, channel, value] = JSON.parse(payload) as [number, string, unknown]
    const answer = await main.answer(channel, value)
    await pipe.send('Runtime.evaluate', { expression: `benchReceive(${id}, ${JSON.stringify(answer)})` })
  })
  await pipe.send('Runtime.enable')
  await pipe.send('Runtime.addBinding', { name: 'benchSend' })
}

async function measure(page: Page): Promise<BenchResult[]> {
  const time = (subject: 'read' | 'bare' | 'batch' | 'single', times: number) => () =>
    page.evaluate(([name, count]) => windowBench.time(name, count), [subject, times] as const)
  const reads = await alternate(runs, time('read', 500), time('bare', 500))
  const writes = await alternate(runs, time('batch', 1), time('single', 1))
  const milliseconds = (values: readonly number[]) => values.map((value) => value / 1000)
  return [
    compare(
      {
        name: 'Electron: one row by its key, from a window’s process',
        subject: 'Database.queryOne, window to main to process',
        peer: 'the bare round trip, window to main',
        unit: 'µs',
        aim: { atMost: 2 },
      },
      reads.subject,
      reads.peer,
    ),
    compare(
      {
        name: 'Electron: 100 inserts, from a window’s process',
        subject: 'Database.batch, once',
        peer: 'Database.execute, 100 times',
        unit: 'ms',
      },
      milliseconds(writes.subject),
      milliseconds(writes.peer),
    ),
  ]
}

if (import.meta.main) console.log(JSON.stringify(await throughTheDoor(), undefined, 2))
