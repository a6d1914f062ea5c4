import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseSync } from 'vite'
import { projectFolder } from '../../scripts/entry-points.ts'

interface Import {
  readonly from: string
  readonly to: string
  readonly typeOnly: boolean
}

const sourceFolder = join(projectFolder, 'src')
const files = readdirSync(sourceFolder, { recursive: true, encoding: 'utf8' }).filter((file) =>
  /\.(ts|vue)$/.test(file),
)
const imports = files.flatMap(importsOf)
const relativeImports = imports.filter(({ to }) => !to.startsWith('package:'))

/** Every import and re-export of a file; `to` is a path below src, or `package:name`. */
function importsOf(from: string): Import[] {
  const text = readFileSync(join(sourceFolder, from), 'utf8')
  const { module } = parseSync(from, text)
  const target = (specifier: string) =>
    specifier.startsWith('.')
      ? relative(sourceFolder, join(sourceFolder, dirname(from), specifier))
      : `package:${specifier}`
  return [
    ...module.staticImports.map(({ moduleRequest, entries }) => ({
      from,
      to: target(moduleRequest.value),
      typeOnly: entries.length > 0 && entries.every(({ isType }) => isType),
    })),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest, isType }) =>
        moduleRequest ? [{ from, to: target(moduleRequest.value), typeOnly: isType }] : [],
      ),
    ),
    ...module.dynamicImports.map(({ moduleRequest }) => ({
      from,
      to: target(text.slice(moduleRequest.start, moduleRequest.end).replaceAll(/['"`]/g, '')),
      typeOnly: false,
    })),
  ]
}

/** Which floor of the house a file is on; what is on no floor (the front door, the command, errors) is not here. */
function floor(file: string): number {
  const floors = [/^db\/drivers\//, /^db\//, /^identity\//, /^services\//, /^vue\//]
  return floors.findIndex((pattern) => pattern.test(file))
}

function driverOf(file: string): string | undefined {
  return /^db\/drivers\/([^/]+)\//.exec(file)?.[1]
}

const asText = ({ from, to }: Import) => `${from} -> ${to}`

function importCycles(): string[] {
  const graph = new Map<string, string[]>()
  for (const { from, to, typeOnly } of relativeImports) {
    if (!typeOnly) graph.set(from, [...(graph.get(from) ?? []), to])
  }
  const cycles: string[] = []
  const finished = new Set<string>()
  const visit = (file: string, path: readonly string[]) => {
    const start = path.indexOf(file)
    if (start >= 0) cycles.push([...path.slice(start), file].join(' -> '))
    if (start >= 0 || finished.has(file)) return
    for (const next of graph.get(file) ?? []) visit(next, [...path, file])
    finished.add(file)
  }
  for (const file of graph.keys()) visit(file, [])
  return cycles
}

describe('the layers of src', () => {
  it('are read from real files: every relative import names a file that exists', () => {
    expect(imports.length).toBeGreaterThan(20)
    expect(relativeImports.filter(({ to }) => !files.includes(to)).map(asText)).toEqual([])
  })

  it('point down only: vue, services, identity, db, drivers', () => {
    const upwards = relativeImports.filter(
      ({ from, to }) => floor(from) >= 0 && floor(to) > floor(from) && floor(from) > 0,
    )
    expect(upwards.map(asText)).toEqual([])
  })

  it('keep drivers apart: none imports another', () => {
    const across = relativeImports.filter(({ from, to }) => {
      const [here, there] = [driverOf(from), driverOf(to)]
      return here && there && here !== there
    })
    expect(across.map(asText)).toEqual([])
  })

  it('let a driver see the port below db, and nothing above it', () => {
    const above = relativeImports.filter(
      ({ from, to }) => driverOf(from) && (floor(to) > 1 || /^(cli|testing)\//.test(to)),
    )
    expect(above.map(asText)).toEqual([])
  })

  it('let nothing in db outside the drivers import a driver', () => {
    const downInto = relativeImports.filter(({ from, to }) => floor(from) === 1 && driverOf(to))
    expect(downInto.map(asText)).toEqual([])
  })

  it('keep Vue and Pinia above the services', () => {
    const frameworks = imports.filter(({ from, to }) => /^package:(vue|pinia)$/.test(to) && !from.startsWith('vue/'))
    expect(frameworks.map(asText)).toEqual([])
  })

  it('have no import cycles', () => {
    expect(importCycles()).toEqual([])
  })

  it('have no file over 400 lines', () => {
    const lines = (file: string) => readFileSync(join(sourceFolder, file), 'utf8').split('\n').length - 1
    expect(files.filter((file) => lines(file) > 400).map((file) => `${file}: ${lines(file)}`)).toEqual([])
  })
})
