import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A path in a new folder, which goes when the test is over. */
export function temporaryPath(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'selfsame-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, name)
}

/** Names of everything in the folder of `path`. */
export function namesBeside(path: string): string[] {
  return readdirSync(dirname(path)).toSorted()
}
