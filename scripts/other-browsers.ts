import { existsSync, readdirSync } from 'node:fs'
import { installDebianPackages } from './debian-packages.ts'

/** WebKitGTK's parts: its WebDriver, the browser that it drives, and a display for it. */
export interface WebKit {
  readonly driver: string
  readonly browser: string
  readonly display: string
}

/** Firefox's path, `undefined` where there is none. */
export function findFirefox(): string | undefined {
  return ['/usr/bin/firefox-esr', '/usr/bin/firefox'].find((path) => existsSync(path))
}

/** Debian's WebKitGTK; `undefined` where a part of it is missing. */
export function findWebKit(): WebKit | undefined {
  const [driver, display] = ['/usr/bin/WebKitWebDriver', '/usr/bin/Xvfb']
  const folder = existsSync('/usr/lib') ? '/usr/lib' : '/'
  const browser = readdirSync(folder)
    .filter((name) => name.endsWith('-linux-gnu'))
    .map((name) => `${folder}/${name}/webkit2gtk-4.1/MiniBrowser`)
    .find((path) => existsSync(path))
  return browser && existsSync(driver) && existsSync(display) ? { driver, browser, display } : undefined
}

/** Installs Debian's Firefox and WebKitGTK where they are missing and this process may; the tests go on without them. */
export function ensureOtherBrowsers(): void {
  try {
    if (!findFirefox()) installDebianPackages('Firefox', ['firefox-esr'])
    if (!findWebKit()) installDebianPackages('WebKitGTK', ['webkit2gtk-driver', 'xvfb'])
  } catch (error) {
    process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`)
  }
}

/** Which of them the tests run in, for people. */
export function otherBrowsers(): string {
  const names = [findFirefox() && 'Firefox', findWebKit() && 'WebKitGTK'].filter(Boolean)
  return names.length > 0 ? names.join(', ') : 'no other browser'
}
