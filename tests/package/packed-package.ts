import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { projectFolder, readManifest } from '../../scripts/entry-points.ts'

/** The package as npm would publish it, put into a project of its own beside its dependencies. */
export interface PackedPackage {
  readonly tarball: string
  /** A folder in which `import 'selfsame'` finds the package. */
  readonly project: string
  /** The package itself, below that project. */
  readonly folder: string
  remove(): void
}

/** Packs what `npm run build` wrote. Uses no network. */
export function packPackage(): PackedPackage {
  if (!existsSync(join(projectFolder, 'dist'))) throw new Error('There is no dist folder: run `npm run build` first.')
  const project = mkdtempSync(join(tmpdir(), 'selfsame-packed-'))
  npm('pack', '--ignore-scripts', '--pack-destination', project)
  const tarball = join(project, readdirSync(project).find((file) => file.endsWith('.tgz')) ?? '')
  const folder = join(project, 'node_modules', 'selfsame')
  mkdirSync(folder, { recursive: true })
  execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', folder])
  const { dependencies, peerDependencies } = readManifest()
  for (const dependency of Object.keys({ ...dependencies, ...peerDependencies })) link(project, dependency)
  return { tarball, project, folder, remove: () => rmSync(project, { recursive: true, force: true }) }
}

function link(project: string, dependency: string): void {
  const place = join(project, 'node_modules', dependency)
  mkdirSync(dirname(place), { recursive: true })
  symlinkSync(join(projectFolder, 'node_modules', dependency), place, 'junction')
}

function npm(...parameters: string[]): void {
  const script = process.env['npm_execpath']
  const [program, ...first] = script ? [process.execPath, script] : ['npm']
  execFileSync(program ?? 'npm', [...first, ...parameters], { cwd: projectFolder, stdio: 'pipe' })
}
