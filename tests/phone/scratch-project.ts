import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'vite'
import { makeNativeProject, type PhonePlatform } from '../../scripts/phone/native-project.ts'
import { projectFolder } from '../../scripts/entry-points.ts'

export interface ScratchProject {
  readonly root: string
  make(platform: PhonePlatform): string
  remove(): void
}

/** The reference app, built, in a folder of its own where native projects can be made beside it. */
export async function scratchProject(): Promise<ScratchProject> {
  const root = mkdtempSync(join(tmpdir(), 'selfsame-phone-'))
  mkdirSync(join(root, 'app'))
  for (const file of ['package.json', 'capacitor.config.ts']) copyFileSync(join(projectFolder, file), join(root, file))
  symlinkSync(join(projectFolder, 'node_modules'), join(root, 'node_modules'))
  const configFile = join(projectFolder, 'vite.config.ts')
  await build({ configFile, logLevel: 'error', build: { outDir: join(root, 'app/dist') } })
  return {
    root,
    make: (platform) => makeNativeProject(platform, root),
    remove: () => rmSync(root, { recursive: true, force: true }),
  }
}
