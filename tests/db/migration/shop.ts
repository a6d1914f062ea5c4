import type { Component, Patch } from '../../../src/db/migration/component.ts'
import { defineComponent } from '../../../src/db/migration/define-component.ts'

export const orders = 'CREATE TABLE shop_orders (id INTEGER PRIMARY KEY, item TEXT NOT NULL)'
export const customers = 'CREATE TABLE shop_customers (id INTEGER PRIMARY KEY, name TEXT)'

type PatchText = Omit<Patch, 'name'> | readonly Patch['statements'][number][]

/** A component called `name` whose patches are numbered in the order given. */
export function component(name: string, patches: readonly PatchText[], rest: Partial<Component> = {}): Component {
  return defineComponent({
    name,
    patches: patches.map((patch, index) => ({
      name: `${name}-${String(index + 1).padStart(4, '0')}`,
      ...('statements' in patch ? patch : { statements: patch }),
    })),
    ...rest,
  })
}

export const shop = (patches: readonly PatchText[], rest?: Partial<Component>) => component('shop', patches, rest)
