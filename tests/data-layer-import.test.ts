import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { projectFolder } from '../scripts/entry-points.ts'

const { exports } = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')) as {
  exports: Record<string, { default?: string }>
}
const entries = Object.entries(exports)
  .filter(([, { default: file }]) => file?.endsWith('.js'))
  .map(([name, { default: file }]) => [name, file?.replace('./dist/', 'src/').replace(/\.js$/, '.ts') ?? ''] as const)

// Prints every global of a browser that our own files read on the way, and every global that anybody sets.
const watch = `
  const touched = new Set()
  const names = ['window', 'document', 'navigator', 'location', 'localStorage', 'sessionStorage', 'indexedDB', 'Worker',
    'SharedWorker', 'BroadcastChannel', 'caches', 'fetch']
  for (const name of names) {
    const before = globalThis[name]
    Object.defineProperty(globalThis, name, { configurable: true, get() {
      if (!new Error().stack.split('\\n')[2].includes('node_modules')) touched.add(name)
      return before
    } })
  }
  const known = new Set(Reflect.ownKeys(globalThis))
  await import(process.argv[1])
  for (const key of Reflect.ownKeys(globalThis)) if (!known.has(key)) touched.add('set ' + String(key))
  console.log(JSON.stringify([...touched]))`

describe('importing an entry point on a server', () => {
  it('covers all of them', () => {
    expect(entries.map(([name]) => name)).toEqual(expect.arrayContaining(['.', './vue', './pinia', './node']))
  })

  it.each(entries)('%s needs no browser and touches none of its globals', (_name, file) => {
    const output = execFileSync(
      process.execPath,
      ['--no-warnings', '--input-type=module', '-e', watch, join(projectFolder, file)],
      {
        encoding: 'utf8',
      },
    )
    // Vue's own flags for its developer tools.
    expect((JSON.parse(output) as string[]).filter((name) => !name.startsWith('set __VUE'))).toEqual([])
  })
})
