import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { loadLegacy, newVisitor, startChromium, textOf, type Visitor } from './browser.ts'
import { serveBuiltApp, type ServedApp } from './serve-app.ts'

let app: ServedApp
let browser: Browser
let visitor: Visitor
let page: Page

beforeAll(async () => {
  app = await serveBuiltApp()
  browser = await startChromium()
})

afterAll(async () => {
  await browser?.close()
  await app?.close()
})

beforeEach(async () => {
  visitor = await newVisitor(browser)
  page = await visitor.openTab(app.address)
})

afterEach(async () => {
  await visitor.context.close()
  expect(visitor.complaints).toEqual([])
})

async function accountDids(on: Page = page): Promise<string[]> {
  const buttons = await on.getByTestId('account-list').getByRole('button').all()
  const ids = await Promise.all(buttons.map((button) => button.getAttribute('data-testid')))
  return ids.map((id) => (id ?? '').replace('account-', ''))
}

describe('the reference app', () => {
  it('waits on an empty store, then migrates the legacy database that it is given', async () => {
    expect(await page.getByTestId('launch-outcome').count()).toBe(0)
    await loadLegacy(page, { accounts: 4 })
    expect(await textOf(page, 'launch-outcome')).toBe('migrated')
    const report = await textOf(page, 'migration-report')
    for (const patch of ['identity-0002', 'identity-0003', 'identity-0004', 'identity-0005']) {
      expect(report).toContain(patch)
    }
    const dids = await accountDids()
    expect(dids).toHaveLength(4)
    expect(await textOf(page, 'active-did')).toBe(dids[0])
  })

  it('shows each patch with its statements, rows and time', async () => {
    await loadLegacy(page, { accounts: 300 })
    const rows = await page.getByRole('row').filter({ hasText: 'identity-0003' }).allInnerTexts()
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatch(/identity-0003\s+\d+ of \d+\s+[\d,]+\s+[\d.]+ ms/)
  })

  it('switches the identity, and is still switched after a reload, which finds nothing to migrate', async () => {
    await loadLegacy(page)
    const second = (await accountDids())[1] ?? ''
    await page.getByTestId(`account-${second}`).click()
    await page.getByTestId('active-did').filter({ hasText: second }).waitFor()
    await page.reload()
    await page.getByTestId('launch-outcome').waitFor()
    expect(await textOf(page, 'launch-outcome')).toBe('current')
    expect(await textOf(page, 'active-did')).toBe(second)
    expect(await page.getByTestId(`account-${second}`).getAttribute('aria-pressed')).toBe('true')
  })

  it('shows what components get, and shows it anew after a switch', async () => {
    await loadLegacy(page)
    const [first, second] = await accountDids()
    const answer = page.getByTestId('$getActiveIdentity()')
    await answer.filter({ hasText: first ?? '' }).waitFor()
    await page.getByTestId(`account-${second}`).click()
    await answer.filter({ hasText: second ?? '' }).waitFor()
    const settings = await textOf(page, '$accountSettings()')
    expect(settings).toContain(`"activeDid": "${second}"`)
    expect(await textOf(page, 'component-calls')).not.toMatch(/FAKE-/)
  })

  it('keeps a name for each account over the one for the device', async () => {
    await loadLegacy(page)
    const [first, second] = await accountDids()
    const greeting = (name: string) => page.getByTestId('greeting').filter({ hasText: name }).waitFor()
    await page.getByTestId('device-name').fill('Everybody')
    await page.getByTestId('save-device-name').click()
    await page.getByTestId('saved').filter({ hasText: 'device' }).waitFor()
    await page.getByTestId('account-name').fill('Ada')
    await page.getByTestId('save-account-name').click()
    await greeting('Ada')
    await page.getByTestId(`account-${second}`).click()
    await page
      .getByTestId('active-did')
      .filter({ hasText: second ?? '' })
      .waitFor()
    expect(await textOf(page, 'greeting')).not.toBe('Ada')
    await page.getByTestId(`account-${first}`).click()
    await greeting('Ada')
    await page.getByTestId('clear-identity').click()
    await greeting('Everybody')
    expect(await page.getByTestId('account-name').isDisabled()).toBe(true)
  })

  it('keeps what the user is typing when something else is saved', async () => {
    await loadLegacy(page)
    await page.getByTestId('account-name').fill('Half a na')
    await page.getByTestId('device-name').fill('Everybody')
    await page.getByTestId('save-device-name').click()
    await page.getByTestId('saved').filter({ hasText: 'device' }).waitFor()
    expect(await page.getByTestId('account-name').inputValue()).toBe('Half a na')
  })

  it('puts an orphaned identity right, and says so', async () => {
    await loadLegacy(page, { state: 'orphan' })
    expect(await textOf(page, 'launch-outcome')).toBe('repaired')
    expect(await textOf(page, 'active-did')).toBe('none')
    expect(await textOf(page, 'migration-report')).toMatch(/did:ethr:0x[0-9a-f]{40} is no longer used/)
  })

  it('leaves no identity as no identity', async () => {
    await loadLegacy(page, { state: 'none' })
    expect(await textOf(page, 'launch-outcome')).toBe('migrated')
    expect(await textOf(page, 'active-did')).toBe('none')
  })

  it('refuses two accounts with one DID, shows them and what to do, and changes nothing', async () => {
    await loadLegacy(page, { accounts: 3, state: 'duplicate' })
    expect(await textOf(page, 'launch-outcome')).toBe('refused')
    expect(await textOf(page, 'error-code')).toBe('duplicate-dids')
    expect(await page.getByTestId('error-rows').getByRole('listitem').count()).toBeGreaterThan(0)
    expect(await page.getByTestId('active-did').count()).toBe(0)
    const before = await downloadDatabase()
    await page.reload()
    await page.getByTestId('launch-outcome').waitFor()
    expect(await textOf(page, 'launch-outcome')).toBe('refused')
    expect((await downloadDatabase()).equals(before)).toBe(true)
    expect(before.includes('activeDid TEXT')).toBe(true)
    expect(before.includes('active_identity')).toBe(false)
    expect(before.includes('selfsame_')).toBe(false)
  })

  it('shares the database with a second tab, which follows every switch and goes on when the first is closed', async () => {
    await loadLegacy(page)
    const second = await visitor.openTab(app.address)
    await second.getByTestId('launch-outcome').waitFor()
    expect(await textOf(second, 'launch-outcome')).toBe('current')
    const [, other, third] = await accountDids()
    await page.getByTestId(`account-${other}`).click()
    await second
      .getByTestId('active-did')
      .filter({ hasText: other ?? '' })
      .waitFor()
    await page.close()
    await second.getByTestId(`account-${third}`).click()
    await second
      .getByTestId('active-did')
      .filter({ hasText: third ?? '' })
      .waitFor()
  })

  it('says where the database is kept', async () => {
    await loadLegacy(page)
    expect(await textOf(page, 'storage')).toBe('in files of this browser')
  })

  it('empties the store after asking, and waits again', async () => {
    await loadLegacy(page)
    await page.getByTestId('reset').click()
    await page.getByRole('button', { name: 'Keep it' }).click()
    expect(await page.getByTestId('active-did').isVisible()).toBe(true)
    await page.getByTestId('reset').click()
    await page.getByTestId('confirm').click()
    await page.getByTestId('load-legacy').waitFor()
    await loadLegacy(page, { accounts: 2 })
    expect(await accountDids()).toHaveLength(2)
  })

  it('passes the whole conformance suite in the page, and exports the report', async () => {
    await page.goto(`${app.address}#diagnostics`)
    await page.getByTestId('diagnostics-run').click()
    // Each test of the suite starts a worker and an engine of its own.
    await page.getByTestId('diagnostics-summary').waitFor({ timeout: 110_000 })
    expect(await textOf(page, 'diagnostics-summary')).toMatch(/^[1-9]\d+ passed, 0 failed$/)
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId('diagnostics-export').click()])
    const report = JSON.parse((await contentOf(file)).toString('utf8')) as { results: { ok: boolean }[] }
    expect(report.results.length).toBeGreaterThan(10)
    expect(report.results.every(({ ok }) => ok)).toBe(true)
  })
})

async function downloadDatabase(): Promise<Buffer> {
  const button = page.getByRole('button', { name: 'Download the database' })
  const [file] = await Promise.all([page.waitForEvent('download'), button.click()])
  return contentOf(file)
}

async function contentOf(download: { createReadStream(): Promise<AsyncIterable<Uint8Array>> }): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of await download.createReadStream()) chunks.push(chunk)
  return Buffer.concat(chunks)
}
