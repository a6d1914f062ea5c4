import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadLegacy, newVisitor, startChromium, textOf, type Visitor } from './browser.ts'
import { focusStops, lowContrast, namelessControls, sidewaysOverflow } from './page-checks.ts'
import { serveBuiltApp, type ServedApp } from './serve-app.ts'

let app: ServedApp
let browser: Browser

beforeAll(async () => {
  app = await serveBuiltApp()
  browser = await startChromium()
})

afterAll(async () => {
  await browser?.close()
  await app?.close()
})

/** Everything the app shows: brings a page there, and says when it is. */
const scenes: Record<string, (page: Page) => Promise<void>> = {
  'the empty store': (page) => page.getByTestId('load-legacy').waitFor(),
  'a migrated database': async (page) => {
    await loadLegacy(page)
    await page.getByTestId('$accountSettings()').waitFor()
  },
  'a repaired database': (page) => loadLegacy(page, { state: 'orphan' }),
  'a refused database': (page) => loadLegacy(page, { state: 'duplicate' }),
  'the diagnostics': async (page) => {
    await page.getByRole('link', { name: 'Diagnostics' }).click()
    await page.getByTestId('diagnostics-run').click()
    await page.getByTestId('diagnostics-summary').waitFor({ timeout: 110_000 })
    await page.getByText('All results').click()
  },
}

async function visit(scene: string, options: BrowserContextOptions = {}): Promise<{ page: Page; visitor: Visitor }> {
  const visitor = await newVisitor(browser, options)
  const page = await visitor.openTab(app.address)
  await scenes[scene]?.(page)
  return { page, visitor }
}

async function show(scene: string, options: BrowserContextOptions, look: (page: Page) => Promise<void>): Promise<void> {
  const { page, visitor } = await visit(scene, options)
  await look(page)
  await visitor.context.close()
  expect(visitor.complaints).toEqual([])
}

describe.for(Object.keys(scenes))('%s', (scene) => {
  let page: Page
  let visitor: Visitor

  beforeAll(async () => {
    ;({ page, visitor } = await visit(scene))
  })

  afterAll(() => visitor?.context.close())

  it.for(['light', 'dark'] as const)('is legible in the %s theme', async (colorScheme) => {
    await page.emulateMedia({ colorScheme })
    expect(await lowContrast(page)).toEqual([])
  })

  it('gives every control an accessible name', async () => {
    expect(await namelessControls(page)).toEqual([])
  })

  it('is walked through with the Tab key from top to bottom, each stop visible', async () => {
    const stops = await focusStops(page)
    const positions = stops.map(({ position }) => position)
    expect(stops.length).toBeGreaterThan(3)
    expect(positions).toEqual(positions.toSorted((a, b) => a - b))
    expect(stops.filter(({ ringWidth }) => ringWidth < 2)).toEqual([])
  })

  it('fits a window of 360 pixels', async () => {
    await page.setViewportSize({ width: 360, height: 740 })
    expect(await sidewaysOverflow(page)).toBe(0)
  })

  it('leaves the console silent', () => {
    expect(visitor.complaints).toEqual([])
  })
})

it('is used with the keyboard alone: loads, and switches the identity', async () => {
  await show('the empty store', {}, async (page) => {
    await page.getByTestId('load-legacy').focus()
    await page.keyboard.press('Enter')
    await page.getByTestId('launch-outcome').waitFor()
    const second = page.getByTestId('account-list').getByRole('button').nth(1)
    await second.focus()
    await page.keyboard.press('Space')
    const did = ((await second.getAttribute('data-testid')) ?? '').replace('account-', '')
    await page.getByTestId('active-did').filter({ hasText: did }).waitFor()
    expect(await second.getAttribute('aria-pressed')).toBe('true')
  })
})

it('takes the focus to the heading of what a launch or a screen brought', async () => {
  await show('a migrated database', {}, async (page) => {
    const focused = () => page.evaluate(() => document.activeElement?.textContent)
    expect(await focused()).toBe('Identity')
    await page.getByRole('link', { name: 'Diagnostics' }).click()
    await page.getByTestId('diagnostics-run').waitFor()
    expect(await focused()).toBe('Diagnostics')
  })
})

it('has one main landmark, a named navigation, and tells how the launch went in a live region', async () => {
  await show('a migrated database', {}, async (page) => {
    expect(await page.getByRole('main').count()).toBe(1)
    expect(await page.getByRole('navigation', { name: 'Screens' }).count()).toBe(1)
    const told = await page.getByRole('status').allInnerTexts()
    expect(told.some((text) => text.startsWith('Launch migrated'))).toBe(true)
    expect(await textOf(page, 'launch-outcome')).toBe('migrated')
  })
})

it('moves nothing for a user who asked for less motion', async () => {
  await show('a migrated database', { reducedMotion: 'reduce' }, async (page) => {
    const moving = await page.evaluate(() => document.getAnimations().length)
    expect(moving).toBe(0)
  })
})
