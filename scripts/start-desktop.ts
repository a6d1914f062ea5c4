// `npm run app:electron`: builds the reference app for the desktop and starts it, where there is an Electron.
import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import { buildDesktop } from './build-desktop.ts'
import { findElectron } from './electron.ts'

const electron = findElectron()
if (electron) {
  const main = await buildDesktop()
  const { status, error } = spawnSync(electron, [dirname(main), ...process.argv.slice(2)], { stdio: 'inherit' })
  if (error) throw error
  process.exitCode = status ?? 1
} else {
  console.error(
    'No Electron was found. It is no dependency of this project, as its package downloads a browser.\n' +
      'Install it beside the project (npm install --no-save electron && npx install-electron), or set\n' +
      'SELFSAME_ELECTRON to its program file, and run the command again.',
  )
  process.exitCode = 1
}
