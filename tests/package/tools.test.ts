import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { findChromium } from '../../scripts/chromium.ts'
import { projectFolder } from '../../scripts/entry-points.ts'

interface LockedPackage {
  readonly version?: string
  readonly resolved?: string
  readonly link?: boolean
  readonly hasInstallScript?: boolean
  readonly optionalDependencies?: Record<string, string>
}

const readJson = (file: string) => JSON.parse(readFileSync(join(projectFolder, file), 'utf8')) as unknown
const locked = (readJson('package-lock.json') as { packages: Record<string, LockedPackage> }).packages

describe('the lock file', () => {
  it('names no server to download from', () => {
    const servers = Object.entries(locked).filter(([, { resolved }]) => resolved?.includes('://'))
    expect(servers.map(([place]) => place)).toEqual([])
  })

  // Without these `npm ci` refuses the file: it happens when a tool's binaries are published later than the tool.
  it('holds the optional dependencies of every package', () => {
    const missing = Object.values(locked)
      .flatMap(({ optionalDependencies }) => Object.keys(optionalDependencies ?? {}))
      .filter((name) => !Object.keys(locked).some((place) => place.endsWith(`node_modules/${name}`)))
    expect(missing).toEqual([])
  })
})

describe('the manifest', () => {
  it('pins every dependency exactly', () => {
    const groups = ['dependencies', 'devDependencies', 'optionalDependencies'] as const
    const manifests = ['package.json', 'tooling/package.json'].map(
      (file) => readJson(file) as Partial<Record<(typeof groups)[number], Record<string, string>>>,
    )
    const versions = manifests.flatMap((manifest) => groups.flatMap((group) => Object.values(manifest[group] ?? {})))
    expect(versions.length).toBeGreaterThan(10)
    // A second version of a package has a name of its own: `npm:name@1.2.3`.
    const exact = /^(npm:[\w./-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/
    expect(versions.filter((version) => !exact.test(version))).toEqual([])
  })
})

describe('on an older Node', () => {
  it('a script says what it needs and what to do, and stops', () => {
    const pretendOlder = `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.20.2'})`
    const guard = './scripts/require-node.js'
    const { status, stderr, stdout } = spawnSync(
      process.execPath,
      ['--import', pretendOlder, '--import', guard, '--eval', 'console.log("went on")'],
      { cwd: projectFolder, encoding: 'utf8' },
    )
    expect(stderr).toMatch(/needs Node 24\.16 or newer; it was started with Node 20\.20\.2/)
    expect(stderr).toMatch(/npm ci/)
    expect(stdout).toBe('')
    expect(status).toBe(1)
  })
})

describe('the search for Chromium', () => {
  afterEach(() => vi.unstubAllEnvs())

  it('takes the program that CHROMIUM_PATH names', () => {
    vi.stubEnv('CHROMIUM_PATH', process.execPath)
    expect(findChromium()).toBe(process.execPath)
  })

  it('fails when CHROMIUM_PATH names nothing, and does not take another instead', () => {
    vi.stubEnv('CHROMIUM_PATH', '/nowhere/chromium')
    expect(() => findChromium()).toThrow('/nowhere/chromium')
  })
})
