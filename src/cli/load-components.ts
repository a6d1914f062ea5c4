import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, extname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { componentFromSql } from '../db/migration/component-from-sql.ts'
import { defineComponent } from '../db/migration/define-component.ts'
import type { Component } from '../db/migration/component.ts'
import { DataLayerError, redactText } from '../errors/index.ts'
import { identityComponent } from '../identity/component.ts'
import type { CommandValues } from './command.ts'
import { UsageError } from './usage-error.ts'

/** The components that a call names: the identity component unless it is left out, then each `--component`. */
export async function loadComponents(values: CommandValues): Promise<Component[]> {
  const components = values.flag('no-identity') ? [] : [identityComponent()]
  for (const path of values.list('component')) components.push(await loadComponent(resolve(path)))
  return components
}

async function loadComponent(path: string): Promise<Component> {
  const entry = await stat(path).catch((error: unknown) => {
    throw new UsageError(`--component names ${path}, which cannot be read.`, { cause: error })
  })
  return entry.isDirectory() ? fromFolder(path) : fromModule(path)
}

async function fromFolder(folder: string): Promise<Component> {
  const names = (await readdir(folder)).filter((name) => extname(name).toLowerCase() === '.sql').toSorted()
  if (names.length === 0) throw new UsageError(`--component names ${folder}, and there is no .sql file in it.`)
  const texts = names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)
  return componentFromSql(Object.fromEntries(await Promise.all(texts)))
}

async function fromModule(path: string): Promise<Component> {
  const loaded = await import(pathToFileURL(path).href).catch((error: unknown) => {
    const reason = error instanceof Error ? redactText(error.message) : ''
    throw new DataLayerError('unsupported', `The module ${basename(path)} does not load. ${reason}`.trim())
  })
  const component: unknown = (loaded as { default?: unknown }).default
  if (isComponent(component)) return defineComponent(component)
  throw new DataLayerError('unsupported', `The default export of ${basename(path)} is not a component.`)
}

function isComponent(value: unknown): value is Component {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    typeof value.name === 'string' &&
    'patches' in value &&
    Array.isArray(value.patches)
  )
}
