import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

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
  const path = findChromium()
  if (path) return path
  const prefix = packageManagerPrefix()
  if (!prefix) return requireChromium()
  process.stdout.write('Chromium is missing; installing it with apt-get.\n')
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const step of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
    const [program, ...parameters] = [...prefix, 'apt-get', ...step] as [string, ...string[]]
    execFileSync(program, parameters, { stdio: 'inherit', env: environment })
  }
  return requireChromium()
}

export function chromiumVersion(path: string): string {
  return execFileSync(path, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
}

function packageManagerPrefix(): string[] | undefined {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get')) return undefined
  if (process.getuid?.() === 0) return []
  return spawnSync('sudo', ['-n', 'true']).status === 0 ? ['sudo', '-n'] : undefined
}
