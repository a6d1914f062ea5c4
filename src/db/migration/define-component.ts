import { DataLayerError } from '../../errors/index.ts'
import { isCode, nameOf, tokenize } from '../sql-text/tokenize.ts'
import { countStatements } from '../sql-text/split.ts'
import { checkShape } from './component-shape.ts'
import { whyNotInPatch } from './allowed-statement.ts'
import { isQuery, notAQuery } from './checks/read-only.ts'
import type { Component, Patch, PatchStep, SetUpStep } from './component.ts'
import { patchOrder } from './patch-order.ts'

const componentName = /^[a-z][a-z0-9_]*(?:-[a-z0-9_]+)*$/
const patchName = /^(.+)-(\d{4})$/

const setUpActions: ReadonlySet<string> = new Set<SetUpStep['action']>([
  'create',
  'alter',
  'constrain',
  'foreign',
  'master',
])

/**
 * Declares a component, and refuses one that could not be applied, when the app starts rather than on a user's device.
 *
 * @throws {DataLayerError} `unsupported` for a name or number out of order, a text with several statements, or a statement
 * that would leave the launch's transaction; `invalid-value` for a field that is not what its type says, named in `details`
 * @example
 * const shop = defineComponent({
 *   name: 'shop',
 *   patches: [
 *     {
 *       name: 'shop-0001',
 *       statements: ['CREATE TABLE shop_orders (id INTEGER PRIMARY KEY, item TEXT NOT NULL)'],
 *       revert: ['DROP TABLE shop_orders'],
 *     },
 *   ],
 *   repeatables: ['CREATE VIEW shop_items AS SELECT DISTINCT item FROM shop_orders'],
 * })
 */
export function defineComponent(component: Component): Component {
  checkShape(component)
  if (!isComponentName(component.name)) {
    throw invalid(component.name, 'has a name that is not lower-case words joined by hyphens')
  }
  component.patches.forEach((patch, index) => {
    const expected = `${component.name}-${String(index + 1).padStart(4, '0')}`
    if (patch.name !== expected) throw invalid(component.name, `has ${patch.name} where ${expected} is due`)
    if (patch.statements.length === 0) throw invalid(patch.name, 'has no statements')
    checkSteps(patch.name, patch.statements)
    checkSteps(patch.name, patch.revert ?? [])
    checkRelations(component, patch)
    checkQueries(patch)
    checkSetUp(patch)
  })
  if (component.baseline && !component.patches.some(({ name }) => name === component.baseline?.through)) {
    throw invalid(component.name, `has a baseline through ${component.baseline.through}, which it does not have`)
  }
  for (const { name, since, rows } of component.invariants ?? []) {
    checkQuery(`${component.name}'s invariant “${name}”`, rows)
    if (component.patches.some((patch) => patch.name === since)) continue
    throw invalid(component.name, `promises “${name}” since ${since}, which it does not have`)
  }
  checkSteps(`${component.name}'s baseline`, component.baseline?.statements ?? [])
  checkSteps(`${component.name}'s drop`, component.drop ?? [])
  const names = (component.repeatables ?? []).map((text) => {
    const { kind, name } = repeatableIdentity(component.name, text)
    const reason = whyNotInPatch(text)
    if (reason !== undefined) throw invalid(`${component.name}'s ${kind} ${name}`, reason)
    return name.toLowerCase()
  })
  if (new Set(names).size !== names.length) throw invalid(component.name, 'creates one view or trigger twice')
  patchOrder([component])
  return Object.freeze({ ...component })
}

/** Whether a component may be called this. */
export function isComponentName(name: string): boolean {
  return componentName.test(name)
}

/** A patch's number in its component. */
export function patchSequence(patch: Pick<Patch, 'name'>): number {
  return Number(patchName.exec(patch.name)?.[2])
}

/** What a repeatable creates. */
export function repeatableIdentity(owner: string, text: string): { kind: 'view' | 'trigger'; name: string } {
  if (countStatements(text) !== 1) throw invalid(owner, 'has a repeatable that is not one statement')
  const words = tokenize(text).filter(isCode)
  let at = 0
  const next = () => words[at]?.text.toUpperCase() ?? ''
  if (next() === 'CREATE') at += 1
  else throw invalid(owner, 'has a repeatable that creates nothing')
  const kind = next().toLowerCase()
  if (kind !== 'view' && kind !== 'trigger') {
    throw invalid(owner, 'has a repeatable that is neither CREATE VIEW nor CREATE TRIGGER; TEMP ones do not last')
  }
  at += 1
  if (next() === 'IF') throw invalid(owner, 'has a repeatable with IF NOT EXISTS, which would keep an old text')
  const token = words[at]
  const name = token && nameOf(token)
  if (!name || words[at + 1]?.text === '.') throw invalid(owner, `has a ${kind} whose name cannot be read`)
  return { kind, name }
}

function checkRelations(component: Component, { name, requires = [], conflicts = [], minReader }: Patch): void {
  for (const other of [...requires, ...conflicts]) {
    if (!patchName.test(other)) throw invalid(name, `names ${other}, which is no patch name`)
  }
  if (requires.includes(name)) throw invalid(name, 'requires itself')
  if (conflicts.includes(name)) throw invalid(name, 'excludes itself')
  const both = requires.find((other) => conflicts.includes(other))
  if (both !== undefined) throw invalid(name, `requires and excludes ${both}`)
  if (minReader === undefined) return
  // A name that no version of the app knows would lock every older app out, silently.
  const known =
    component.patches.some((patch) => patch.name === minReader) &&
    patchSequence({ name: minReader }) <= patchSequence({ name })
  if (!known) throw invalid(name, `asks its readers for ${minReader}, which is not in its history`)
}

function checkQueries({ name, present, before = [], after = [] }: Patch): void {
  if (present !== undefined) checkQuery(`${name}'s present`, present)
  for (const check of [...before, ...after]) {
    if (typeof check.rows === 'string') checkQuery(`${name}'s check “${check.name}”`, check.rows)
  }
}

function checkQuery(owner: string, text: string): void {
  const count = countStatements(text)
  if (count !== 1) throw invalid(owner, `has ${count} statements where one query is due`)
  if (!isQuery(text)) throw invalid(owner, `could write: a query ${notAQuery}`)
}

function checkSetUp({ name, setUp = [] }: Patch): void {
  for (const [index, step] of setUp.entries()) {
    if (!step.name) throw invalid(name, 'has a set-up without a name')
    if (setUp.findIndex((other) => other.name === step.name) !== index) {
      throw invalid(name, `has two set-ups called ${step.name}`)
    }
    if (!setUpActions.has(step.action)) throw invalid(name, `has the set-up ${step.name} with no action there is`)
    if (step.partitioned && ['foreign', 'master'].includes(step.action)) {
      throw invalid(
        name,
        `has the set-up ${step.name}, which is ${step.action} and so has nothing to do with partitions`,
      )
    }
  }
}

/** @throws {DataLayerError} `unsupported` for a text that is not one statement, or would leave the transaction it runs in */
export function checkSteps(owner: string, steps: readonly PatchStep[]): void {
  for (const step of steps) {
    if (typeof step !== 'string' && 'code' in step) {
      if (typeof step.code !== 'string' || step.code === '') throw invalid(owner, 'has a code step without a code')
      continue
    }
    const text = typeof step === 'string' ? step : step.text
    const count = countStatements(text)
    if (count !== 1) throw invalid(owner, `has ${count} statements in one text; give each its own`)
    const reason = whyNotInPatch(text)
    if (reason !== undefined) throw invalid(owner, reason)
  }
}

function invalid(owner: string, what: string): DataLayerError {
  return new DataLayerError('unsupported', `${owner} ${what}.`, { details: { component: owner } })
}
