import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A new folder for each test that asks for a path in it, removed after the test. */
export function temporaryFolder(afterEach: (remove: () => void) => void): { path(name: string): string } {
  let folder: string | undefined
  afterEach(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
    folder = undefined
  })
  return {
    path: (name) => {
      folder ??= mkdtempSync(join(tmpdir(), 'selfsame-'))
      return join(folder, name)
    },
  }
}
