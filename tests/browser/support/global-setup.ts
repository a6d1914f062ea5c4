import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { BrowserServer } from 'playwright-core'
import type { TestProject } from 'vitest/node'
import { startBrowserServer } from './browser.ts'
import { servePage, type ServedPage } from './serve-page.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where to ask for what the browser tests share. */
    readonly browserTests: string
  }
}

/** What the files of browser tests share. */
export interface SharedBrowser {
  readonly address: string
  readonly endpoint: string
}

/** One built page and one browser for all files of browser tests, made when the first of them asks. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  let page: Promise<ServedPage> | undefined
  let browser: Promise<BrowserServer> | undefined
  const server = createServer((request, response) => {
    const answer = async () => {
      page ??= servePage()
      const { address, requests } = await page
      if (request.url === '/requests') return [...requests]
      browser ??= startBrowserServer()
      return { address, endpoint: (await browser).wsEndpoint() } satisfies SharedBrowser
    }
    answer().then(
      (value) => response.end(JSON.stringify(value)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  project.provide('browserTests', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  return async () => {
    server.closeAllConnections()
    server.close()
    await Promise.all([page?.then((served) => served.close()), browser?.then((started) => started.close())])
  }
}
