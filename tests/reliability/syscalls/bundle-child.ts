import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/** Puts the process under test into one file: hundreds are started, and loading a hundred modules is half of a start. */
export async function bundleChild(folder: string): Promise<string> {
  await build({
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: {
      ssr: fileURLToPath(new URL('./child.ts', import.meta.url)),
      outDir: folder,
      target: 'node24',
      rolldownOptions: { output: { entryFileNames: 'child.mjs', codeSplitting: false } },
    },
  })
  return join(folder, 'child.mjs')
}
