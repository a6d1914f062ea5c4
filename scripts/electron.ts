import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { projectFolder } from './entry-points.ts'

/**
 * The program file of Electron: `$SELFSAME_ELECTRON` when it is set, else what an installed `electron` package has downloaded.
 *
 * @returns `undefined` when there is none
 */
export function findElectron(): string | undefined {
  const chosen = process.env['SELFSAME_ELECTRON']
  if (chosen) {
    if (existsSync(chosen)) return chosen
    throw new Error(`SELFSAME_ELECTRON names ${chosen}, and there is no such file.`)
  }
  try {
    // The package's main module is the path of its program; it throws when that was never downloaded.
    const path: unknown = createRequire(join(projectFolder, 'package.json'))('electron')
    return typeof path === 'string' && existsSync(path) ? path : undefined
  } catch {
    return undefined
  }
}
