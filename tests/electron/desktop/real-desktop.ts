import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { dirname } from 'node:path'
import { _electron } from 'playwright-core'
import type { Desktop, Runtime } from './desktop.ts'

/** The built app in a real Electron. */
export function realRuntime(electron: string): Runtime {
  const { stdout } = spawnSync(electron, ['--version'], { encoding: 'utf8' })
  return {
    name: `Electron ${stdout.trim()}`,
    start: (main, userData) => start(electron, main, userData),
    close: () => Promise.resolve(),
  }
}

async function start(electron: string, main: string, userData: string): Promise<Desktop> {
  const env = { ...(process.env as Record<string, string>), SELFSAME_USER_DATA: userData }
  // Root alone cannot have Chromium's sandbox.
  const parameters = [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), dirname(main)]
  const app = await _electron.launch({ executablePath: electron, args: parameters, env })
  const complaints: string[] = []
  app.on('window', (page) =>
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
    }),
  )
  return {
    complaints,
    firstWindow: () => app.firstWindow(),
    newWindow: async () => {
      const opened = app.waitForEvent('window')
      await app.evaluate(({ Menu }) => Menu.getApplicationMenu()?.getMenuItemById('new-window')?.click())
      return opened
    },
    pages: () => app.windows(),
    startAgain: async () => {
      await once(spawn(electron, parameters, { env, stdio: 'ignore' }), 'exit')
    },
    quit: () => app.close(),
  }
}
