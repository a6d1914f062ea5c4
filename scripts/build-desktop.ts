import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, type InlineConfig } from 'vite'
import { projectFolder, sourceAliases } from './entry-points.ts'

/** Builds the desktop app: its page, main with the database's process, and the preload script. Returns main's path. */
export async function buildDesktop(outDir: string = join(projectFolder, 'app/electron/dist')): Promise<string> {
  const source = (name: string) => join(projectFolder, 'app/electron', `${name}.ts`)
  await build({
    configFile: join(projectFolder, 'vite.config.ts'),
    logLevel: 'error',
    build: { outDir: join(outDir, 'page'), emptyOutDir: true },
  })
  const shared: InlineConfig = {
    configFile: false,
    logLevel: 'error',
    root: projectFolder,
    resolve: { alias: sourceAliases() },
    // Bundled whole: what is put on a user's machine has no node_modules beside it.
    ssr: { noExternal: true },
  }
  await build({
    ...shared,
    build: {
      ssr: true,
      outDir,
      emptyOutDir: false,
      target: 'node24',
      rolldownOptions: {
        external: ['electron'],
        input: [source('main'), source('database-process')],
        output: { entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
      },
    },
  })
  await build({
    ...shared,
    build: {
      ssr: true,
      outDir,
      emptyOutDir: false,
      // A sandboxed preload script is CommonJS, in one file (electronjs.org/docs/latest/tutorial/sandbox).
      rolldownOptions: {
        external: ['electron'],
        input: source('preload'),
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  })
  // Electron names the app, and its folder of user data, by what stands beside main.
  const manifest = { name: 'selfsame-app', productName: 'Selfsame', version: '0.0.0', type: 'module', main: 'main.mjs' }
  writeFileSync(join(outDir, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`)
  return join(outDir, manifest.main)
}
