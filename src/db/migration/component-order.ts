import type { Component } from './component.ts'

/**
 * Components in an order in which each comes after those that its patches require. Two that require each other's patches,
 * in turns, stay in the order they are named in.
 */
export function componentOrder(components: readonly Component[]): Component[] {
  const owners = new Map(components.flatMap((component) => component.patches.map(({ name }) => [name, component])))
  const seen = new Set<Component>()
  const ordered: Component[] = []
  const visit = (component: Component): void => {
    if (seen.has(component)) return
    seen.add(component)
    for (const name of component.patches.flatMap(({ requires = [] }) => requires)) {
      const required = owners.get(name)
      if (required) visit(required)
    }
    ordered.push(component)
  }
  for (const component of components) visit(component)
  return ordered
}
