import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { installDebianPackages } from './debian-packages.ts'

const usualPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/opt/google/chrome/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
]

/** The browser's path: `$CHROMIUM_PATH` when it is set, the first usual place that exists otherwise. */
export function findChromium(): string | undefined {
  const chosen = process.env['CHROMIUM_PATH']
  if (!chosen) return usualPlaces.find((path) => existsSync(path))
  if (!existsSync(chosen)) throw new Error(`CHROMIUM_PATH names ${chosen}, and there is no such file.`)
  return chosen
}

export function requireChromium(): string {
  const path = findChromium()
  if (path) return path
  throw new Error(
    'The browser tests need Chromium or Chrome, and none was found. Install one, or set CHROMIUM_PATH to its program file.',
  )
}

/** Installs Debian's Chromium where there is none and this process may. */
export function ensureChromium(): string {
  if (!findChromium()) installDebianPackages('Chromium', ['chromium'])
  return requireChromium()
}

export function chromiumVersion(path: string): string {
  return execFileSync(path, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
}
