import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, inject } from 'vitest'
import { openTab, startProfile } from './browser.ts'
import type { SharedBrowser } from './global-setup.ts'

/** The page that all files of browser tests share. Call it at the top of a file. */
export function usePage(): { readonly address: string } {
  let address: string
  beforeAll(async () => {
    address = (await ask<SharedBrowser>('')).address
  })
  return {
    get address() {
      return address
    },
  }
}

/** The browser that all files share, and tabs in a context of this test's own. Call it at the top of a file. */
export function useBrowser(): {
  readonly address: string
  readonly browser: Browser
  /** @param below a folder before the page's own, whose requests are counted apart */
  tab(below?: string): Promise<Page>
} {
  let address: string
  let browser: Browser | undefined
  let context: Promise<BrowserContext> | undefined
  beforeAll(async () => {
    const shared = await ask<SharedBrowser>('')
    address = shared.address
    browser = await chromium.connect(shared.endpoint)
  })
  afterEach(async () => {
    await (await context)?.close()
    context = undefined
  })
  afterAll(() => browser?.close())
  const connected = () => {
    if (!browser) throw new Error('The browser is there once the tests run.')
    return browser
  }
  return {
    get address() {
      return address
    },
    get browser() {
      return connected()
    },
    tab: async (below = '') => {
      context ??= connected().newContext()
      return openTab(await context, address.replace('/deep/path/', `${below}/deep/path/`))
    },
  }
}

/**
 * One tab for all tests of a file, in a profile on the disk: faster than a private context, whose files are kept in the
 * browser's own process. Call it at the top of a file.
 */
export function useProfileTab(): { readonly page: Page } {
  const folder = mkdtempSync(join(tmpdir(), 'selfsame-profile-'))
  let context: BrowserContext | undefined
  let page: Page
  beforeAll(async () => {
    const { address } = await ask<SharedBrowser>('')
    context = await startProfile(folder)
    page = await openTab(context, address)
  })
  afterAll(async () => {
    await context?.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  return {
    get page() {
      return page
    },
  }
}

/** How often files were asked for below an address of the page. */
export async function requestsBelow(prefix: string, ending: string): Promise<number> {
  const requests = await ask<[path: string, count: number][]>('/requests')
  return requests
    .filter(([path]) => path.startsWith(prefix) && path.endsWith(ending))
    .reduce((sum, [, count]) => sum + count, 0)
}

async function ask<T>(path: string): Promise<T> {
  const response = await fetch(inject('browserTests') + path)
  if (!response.ok) throw new Error(await response.text())
  return (await response.json()) as T
}
