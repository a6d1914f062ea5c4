import { DataLayerError } from '../../errors/index.ts'
import type { Component, Patch } from './component.ts'

/** A patch with the component it belongs to. */
export interface OwnedPatch {
  readonly component: Component
  readonly patch: Patch
}

/**
 * All patches of all components in an order in which each comes after what it requires and after its component's earlier
 * ones. The same components give the same order, whatever order they are named in only where nothing else decides.
 *
 * @throws {DataLayerError} `unsupported` for two components with one name, or patches that require each other in a circle
 */
export function patchOrder(components: readonly Component[]): OwnedPatch[] {
  const names = components.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new DataLayerError('unsupported', `Two components are called ${twice}.`)
  const known = new Map<string, OwnedPatch & { readonly after: readonly string[] }>()
  for (const component of components) {
    component.patches.forEach((patch, index) => {
      const previous = component.patches[index - 1]
      known.set(patch.name, {
        component,
        patch,
        after: [...(previous ? [previous.name] : []), ...(patch.requires ?? [])],
      })
    })
  }
  const ordered: OwnedPatch[] = []
  const state = new Map<string, 'open' | 'done'>()
  const visit = (name: string, path: readonly string[]): void => {
    const entry = known.get(name)
    if (!entry || state.get(name) === 'done') return
    if (state.get(name) === 'open') {
      const circle = [...path.slice(path.indexOf(name)), name]
      throw new DataLayerError('unsupported', `These patches require each other in a circle: ${circle.join(' → ')}.`, {
        details: { patches: circle },
      })
    }
    state.set(name, 'open')
    for (const before of entry.after) visit(before, [...path, name])
    state.set(name, 'done')
    ordered.push({ component: entry.component, patch: entry.patch })
  }
  for (const name of known.keys()) visit(name, [])
  return ordered
}
