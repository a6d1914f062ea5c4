import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { build, parseSync } from 'vite'
import { projectFolder, readManifest } from '../../scripts/entry-points.ts'
import { packPackage, type PackedPackage } from './packed-package.ts'

const manifest = readManifest()
const entryPoints = Object.entries(manifest.exports).flatMap(([subpath, target]) =>
  typeof target === 'string' ? [] : [{ name: manifest.name + subpath.slice(1), target }],
)

let packed: PackedPackage

beforeAll(() => {
  packed = packPackage()
})

afterAll(() => packed.remove())

function node(...parameters: string[]): string {
  return execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', ...parameters], {
    cwd: packed.project,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Everything a module loads at once when it is imported: files of the package, and names of others. */
function staticImports(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen
  seen.add(file)
  const { module } = parseSync(file, readFileSync(file, 'utf8'))
  const sources = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) => entries.flatMap((entry) => entry.moduleRequest?.value ?? [])),
  ]
  for (const source of sources) {
    if (source.startsWith('.')) staticImports(join(dirname(file), source), seen)
    else seen.add(source)
  }
  return seen
}

async function bundleSize(code: string): Promise<number> {
  const entry = join(packed.project, 'entry.js')
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    root: packed.project,
    plugins: [
      {
        name: 'entry',
        enforce: 'pre',
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? code : null),
      },
    ],
    build: { write: false, lib: { entry, formats: ['es'] }, rolldownOptions: { external: [/^node:/] } },
  })
  const outputs = Array.isArray(result) ? result : [result]
  return outputs
    .flatMap((each) => ('output' in each ? each.output : []))
    .reduce((sum, chunk) => sum + (chunk.type === 'chunk' ? chunk.code.length : 0), 0)
}

describe('the packed package', () => {
  it('holds the build, its sources and the texts a user needs, and nothing else', () => {
    expect(readdirSync(packed.folder).toSorted()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'dist',
      'package.json',
      'src',
    ])
  })

  it('brings no runtime, no tool and no install step to its users', () => {
    const published = JSON.parse(readFileSync(join(packed.folder, 'package.json'), 'utf8')) as Record<string, unknown>
    expect(published['optionalDependencies']).toBeUndefined()
    expect(Object.keys(published['scripts'] as object)).not.toContain('postinstall')
  })

  it('is free of side effects, so that a bundler may drop what is not used', () => {
    expect(manifest.sideEffects).toBe(false)
  })

  it('names the types first in every export', () => {
    for (const { name, target } of entryPoints) expect([name, Object.keys(target)[0]]).toEqual([name, 'types'])
  })

  it('satisfies publint', async () => {
    const { messages, pkg } = await publint({ pkgDir: packed.folder, strict: true })
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([])
  })

  it('gives every entry point types that TypeScript resolves', () => {
    const attw = join(projectFolder, 'node_modules/@arethetypeswrong/cli/dist/index.js')
    // It ends with another status than 0 when it finds a problem.
    expect(() => node(attw, packed.tarball, '--profile', 'esm-only')).not.toThrow()
  })

  it('has declarations that a strict project compiles with, libraries checked too', () => {
    const program = entryPoints.map(
      ({ name }, index) => `import * as entry${index} from '${name}'\nvoid entry${index}\n`,
    )
    writeFileSync(join(packed.project, 'index.ts'), program.join(''))
    const compilerOptions = {
      module: 'NodeNext',
      target: 'ES2023',
      lib: ['ES2024', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'],
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      types: [],
    }
    writeFileSync(join(packed.project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['index.ts'] }))
    const compiler = join(projectFolder, 'node_modules/typescript/lib/tsc.js')
    const { stdout } = spawnSync(process.execPath, [compiler, '-p', packed.project], { encoding: 'utf8' })
    expect(stdout).toBe('')
  })

  it.for(entryPoints)('lets plain Node import $name, where there is no window', ({ name }) => {
    const program = `console.log(Object.keys(await import('${name}')).length > 0 && typeof window)`
    expect(node('--input-type=module', '--eval', program).trim()).toBe('undefined')
  })

  it('runs its command: writes a legacy database and migrates it', () => {
    const command = join(packed.folder, manifest.bin['selfsame'] ?? '')
    const file = join(packed.project, 'legacy.sqlite')
    node(command, 'demo', file, '--accounts', '3', '--json')
    const report = JSON.parse(node(command, 'migrate', file, '--json')) as { outcome: string; backup: string }
    expect(report.outcome).toBe('migrated')
    expect(existsSync(report.backup)).toBe(true)
  })

  it('loads no framework, no engine and nothing of Node with its front door', () => {
    const loaded = [...staticImports(join(packed.folder, 'dist/index.js'))]
    expect(loaded.filter((name) => /^(node:|vue|pinia|sql\.js|@sqlite\.org)/.test(name))).toEqual([])
    expect(loaded.filter((name) => name.includes('/drivers/'))).toEqual([])
  })

  it('lets a bundler drop the migrations from an app that only names the error', async () => {
    const everything = await bundleSize("export * from 'selfsame'")
    const errorOnly = await bundleSize("export { DataLayerError } from 'selfsame'")
    expect(errorOnly).toBeGreaterThan(200)
    expect(errorOnly).toBeLessThan(everything / 5)
  })
})
