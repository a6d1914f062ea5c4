import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildDesktop } from '../../../scripts/build-desktop.ts'
import { desktopDatabase } from '../../../app/demo/desktop-names.ts'
import { textOf } from '../../app/browser.ts'
import type { ElectronBridge } from '../../../src/db/drivers/electron/index.ts'
import { writeLegacyFile } from '../../processes/start-launch.ts'
import type { Desktop, Runtime } from './desktop.ts'
import { realRuntime } from './real-desktop.ts'
import { standInRuntime } from './stand-in-desktop.ts'

/** The program file of a real Electron: the same tests use it then. */
const electron = process.env['SELFSAME_ELECTRON']
const folder = mkdtempSync(join(tmpdir(), 'selfsame-desktop-'))
let main: string
let runtime: Runtime
let desktop: Desktop
let file: string

beforeAll(async () => {
  runtime = electron ? realRuntime(electron) : await standInRuntime()
  main = await buildDesktop(join(folder, 'app'))
})

afterAll(async () => {
  await runtime.close()
  rmSync(folder, { recursive: true, force: true })
  process.stdout.write(`electron: the desktop app was run by ${runtime.name}\n`)
})

async function startDesktop(): Promise<void> {
  const userData = mkdtempSync(join(folder, 'user-'))
  file = join(userData, `${desktopDatabase}.sqlite`)
  await writeLegacyFile(file, {
    accounts: 3,
    contacts: 5,
    state: 'valid',
    additions: ['tables', 'views', 'triggers'],
  })
  desktop = await runtime.start(main, userData)
}

async function launched(page: Page): Promise<Page> {
  await page.getByTestId('launch-outcome').waitFor()
  return page
}

it('migrates an earlier version’s database when it starts, and leaves one whole file when it quits', async () => {
  await startDesktop()
  const page = await launched(await desktop.firstWindow())
  expect(await textOf(page, 'launch-outcome')).toBe('migrated')
  const accounts = page.getByTestId('account-list').getByRole('button')
  // The list is read after the launch is told.
  await accounts.first().waitFor()
  expect(await accounts.count()).toBe(3)
  expect(existsSync(`${file}-wal`)).toBe(true)
  await desktop.quit()
  expect([existsSync(file), existsSync(`${file}-wal`)]).toEqual([true, false])
  expect(desktop.complaints).toEqual([])
})

describe('the desktop app', () => {
  beforeAll(startDesktop)
  afterAll(() => desktop.quit())

  it('has one process: a second start ends, and opens no window', async () => {
    await launched(await desktop.firstWindow())
    await desktop.startAgain()
    expect(desktop.pages()).toHaveLength(1)
  })

  it('lets a page neither leave nor open another', async () => {
    const page = await launched(await desktop.firstWindow())
    const address = page.url()
    await page.evaluate(() => {
      open('https://example.org/')
      location.href = 'https://example.org/'
    })
    await page.waitForTimeout(300)
    expect([page.url(), desktop.pages().length]).toEqual([address, 1])
    expect(await textOf(page, 'launch-outcome')).toBe('migrated')
  })

  it('runs no script that is not the app’s own, and serves none of the machine’s files', async () => {
    const page = await launched(await desktop.firstWindow())
    const ran = await page.evaluate(() => {
      const script = document.createElement('script')
      script.textContent = 'globalThis.injected = true'
      document.head.append(script)
      return 'injected' in globalThis
    })
    const paths = [
      '..%2fmain.mjs',
      '..%2f..%2f..%2f..%2fetc%2fpasswd',
      '%00',
      '%ff',
      'assets',
      'nothing.js',
      'index.html',
    ]
    const statuses = await page.evaluate(
      (all) => Promise.all(all.map(async (path) => (await fetch(`./${path}`)).status)),
      paths,
    )
    expect(ran).toBe(false)
    expect(statuses).toEqual([404, 404, 404, 404, 404, 404, 200])
  })

  it('shows an identity that one window switches in the other', async () => {
    const first = await launched(await desktop.firstWindow())
    const second = await launched(await desktop.newWindow())
    expect(await textOf(second, 'launch-outcome')).toBe('current')
    const other = first.getByTestId('account-list').getByRole('button').nth(1)
    const did = ((await other.getAttribute('data-testid')) ?? '').replace('account-', '')
    expect(await textOf(second, 'active-did')).not.toBe(did)
    await other.click()
    await second.getByTestId('active-did').filter({ hasText: did }).waitFor()
    expect(await textOf(first, 'active-did')).toBe(did)
  })

  it('ends the transaction of a window that is reloaded in the middle of it', async () => {
    const first = await launched(await desktop.firstWindow())
    const second = await launched(await desktop.newWindow())
    const call = (page: Page, ...calls: [string, unknown[]][]) =>
      page.evaluate(
        async ([database, all]) => {
          const bridge = (globalThis as unknown as { selfsameDatabase: ElectronBridge }).selfsameDatabase
          const answers = []
          for (const [name, values] of all) answers.push(await bridge.call(database, { name, values } as never))
          return answers
        },
        [desktopDatabase, calls] as const,
      )
    const statement = (text: string) => [{ text, params: [] }]
    await call(
      first,
      ['open', ['mine', {}]],
      ['reserve', ['mine', 'session', {}]],
      ['runInSession', ['session', statement('BEGIN IMMEDIATE'), {}]],
      ['runInSession', ['session', statement('DELETE FROM contacts'), {}]],
    )
    await first.reload()
    await launched(first)
    const [, answered] = await call(
      second,
      ['open', ['mine', {}]],
      ['run', ['mine', statement('SELECT count(*) > 0 FROM contacts'), {}]],
    )
    expect(answered).toMatchObject({ value: [{ rows: [[1]] }] })
  })
})
