// Compiles src into dist: plain tsc, one module per source file, so that a bundler can drop what an app does not use.
import { spawnSync } from 'node:child_process'
import { chmodSync, rmSync } from 'node:fs'
import { projectFolder } from './entry-points.ts'

rmSync(`${projectFolder}dist`, { recursive: true, force: true })
const compiler = `${projectFolder}node_modules/typescript/lib/tsc.js`
const { status, error } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
  cwd: projectFolder,
  stdio: 'inherit',
})
if (error) throw error
if (status === 0) chmodSync(`${projectFolder}dist/cli/main.js`, 0o755)
process.exitCode = status ?? 1
