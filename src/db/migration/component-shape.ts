import { DataLayerError } from '../../errors/index.ts'
import { checkValue } from '../values.ts'
import type { Check, SetUpArguments } from './component.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * Holds against its type what JavaScript, or a cast, may have let through: everything later relies on it.
 *
 * @throws {DataLayerError} `invalid-value` with the component or patch and the field
 */
export function checkShape(component: unknown): void {
  if (!isRecord(component)) throw wrong('A component', 'component', 'is no object')
  const { name, patches, repeatables, drop, baseline, invariants } = component
  if (typeof name !== 'string') throw wrong('A component', 'name', 'is no text')
  if (!Array.isArray(patches)) throw wrong(name, 'patches', 'is no list')
  patches.forEach((patch: unknown, index) => checkPatch(name, patch, index))
  checkTexts(name, 'repeatables', repeatables)
  checkTexts(name, 'drop', drop)
  if (baseline !== undefined) {
    if (!isRecord(baseline)) throw wrong(name, 'baseline', 'is no object')
    checkText(name, 'baseline.through', baseline['through'])
    if (!Array.isArray(baseline['statements'])) throw wrong(name, 'baseline.statements', 'is no list')
    checkTexts(name, 'baseline.statements', baseline['statements'])
  }
  each(name, 'invariants', invariants, (invariant, field) => {
    for (const key of ['name', 'rows', 'since']) checkText(name, `${field}.${key}`, invariant[key])
    const { repair } = invariant
    if (repair !== undefined && !(isRecord(repair) && isCodeStep(repair))) throw wrong(name, `${field}.repair`, noCode)
  })
}

/** What a check that finds rows may be refused with. */
const checkCodes: ReadonlySet<unknown> = new Set<NonNullable<Check['code']>>([
  'duplicate-dids',
  'foreign-schema',
  'patch-failed',
])

const noCode = 'is a code step without the function run or next'

function checkPatch(component: string, patch: unknown, index: number): void {
  if (!isRecord(patch)) throw wrong(component, `patches[${index}]`, 'is no object')
  const { name } = patch
  if (typeof name !== 'string') throw wrong(component, `patches[${index}].name`, 'is no text')
  if (!Array.isArray(patch['statements'])) throw wrong(name, 'statements', 'is no list')
  for (const field of ['statements', 'revert']) checkSteps(name, field, patch[field])
  for (const field of ['requires', 'conflicts', 'orphansComeBackIn']) checkTexts(name, field, patch[field])
  for (const field of ['present', 'minReader']) if (patch[field] !== undefined) checkText(name, field, patch[field])
  if (patch['waitsFor'] !== undefined && typeof patch['waitsFor'] !== 'function') {
    throw wrong(name, 'waitsFor', 'is no function')
  }
  for (const list of ['before', 'after']) {
    each(name, list, patch[list], (check, field) => {
      checkText(name, `${field}.name`, check['name'])
      if (!['string', 'function'].includes(typeof check['rows'])) {
        throw wrong(name, `${field}.rows`, 'is neither a query nor a function')
      }
      const { code } = check
      if (code !== undefined && !checkCodes.has(code)) {
        throw wrong(name, `${field}.code`, `is none of ${[...checkCodes].join(', ')}`)
      }
    })
  }
  each(name, 'setUp', patch['setUp'], (step, field) => {
    checkText(name, `${field}.name`, step['name'])
    if (typeof step['statements'] !== 'function') throw wrong(name, `${field}.statements`, 'is no function')
    if (step['when'] !== undefined && typeof step['when'] !== 'function') {
      throw wrong(name, `${field}.when`, 'is no function')
    }
  })
}

function checkSteps(owner: string, field: string, steps: unknown): void {
  if (steps === undefined) return
  if (!Array.isArray(steps)) throw wrong(owner, field, 'is no list')
  steps.forEach((step: unknown, index) => {
    const at = `${field}[${index}]`
    if (typeof step === 'string') return
    if (!isRecord(step)) throw wrong(owner, at, 'is neither SQL nor a step in code')
    if (!('code' in step)) {
      checkText(owner, `${at}.text`, step['text'])
      if (step['params'] !== undefined && !Array.isArray(step['params'])) {
        throw wrong(owner, `${at}.params`, 'is no list')
      }
      step['params']?.forEach((value: unknown, place: number) => checkParam(owner, `${at}.params[${place}]`, value))
    } else if (!isCodeStep(step)) throw wrong(owner, at, noCode)
  })
}

/** What binding would refuse on a user's device. */
function checkParam(owner: string, field: string, value: unknown): void {
  try {
    checkValue(value, 1)
  } catch (error) {
    throw wrong(owner, field, 'cannot be bound', error)
  }
}

function isCodeStep(step: Fields): boolean {
  return typeof step['run'] === 'function' || typeof step['next'] === 'function'
}

function each(owner: string, field: string, list: unknown, check: (entry: Fields, field: string) => void): void {
  if (list === undefined) return
  if (!Array.isArray(list)) throw wrong(owner, field, 'is no list')
  list.forEach((entry: unknown, index) => {
    if (!isRecord(entry)) throw wrong(owner, `${field}[${index}]`, 'is no object')
    check(entry, `${field}[${index}]`)
  })
}

function checkTexts(owner: string, field: string, texts: unknown): void {
  if (texts === undefined) return
  if (!Array.isArray(texts)) throw wrong(owner, field, 'is no list')
  texts.forEach((text: unknown, index) => checkText(owner, `${field}[${index}]`, text))
}

function checkText(owner: string, field: string, text: unknown): void {
  if (typeof text !== 'string') throw wrong(owner, field, 'is no text')
}

/** @throws {DataLayerError} `invalid-value` for arguments that are not a plain object of plain values */
export function checkSetUpArguments(args: SetUpArguments): void {
  if (!isRecord(args)) throw wrong('The set-up', 'arguments', 'is no object')
  for (const [name, value] of Object.entries(args) as [string, unknown][]) {
    if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) continue
    throw wrong('The set-up', name, 'is neither a text, a number, a boolean nor null')
  }
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function wrong(owner: string, field: string, what: string, cause?: unknown): DataLayerError {
  return new DataLayerError('invalid-value', `${owner}: ${field} ${what}.`, { details: { owner, field }, cause })
}
