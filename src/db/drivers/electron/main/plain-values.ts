import { DataLayerError } from '../../../../errors/index.ts'

/** A message that is not of the form that our own windows send. */
export function malformed(what: string): DataLayerError {
  return new DataLayerError('unsupported', `The message to the database is malformed: ${what}.`)
}

/**
 * The own fields of a plain object, read without running anything of the object's.
 *
 * @param names the fields it may have; one that is missing reads as `undefined`, which whoever reads it judges
 */
export function ownFields(value: unknown, names: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || !hasPlainPrototype(value)) throw malformed('no plain object')
  const keys = Reflect.ownKeys(value)
  const fields: Record<string, unknown> = Object.create(null)
  for (const key of keys) {
    if (typeof key !== 'string' || !names.includes(key)) throw malformed('an unknown field')
    fields[key] = dataOf(value, key)
  }
  return fields
}

/** The elements of an array without holes and without fields of its own. */
export function elements(value: unknown, most: number): readonly unknown[] {
  if (!Array.isArray(value) || Object.getPrototypeOf(value) !== Array.prototype) throw malformed('no array')
  if (value.length > most) throw malformed('too long an array')
  // Its length is one of them.
  if (Reflect.ownKeys(value).length !== value.length + 1) throw malformed('an array with holes or fields')
  return Array.from({ length: value.length }, (_, index) => dataOf(value, String(index)))
}

const identifier = /^[\w-]{1,64}$/

/** A short name without spaces: an id, a page, a database. */
export function identifierOf(value: unknown): string {
  if (typeof value !== 'string' || !identifier.test(value)) throw malformed('no identifier')
  return value
}

function dataOf(object: object, key: string): unknown {
  const descriptor = Object.getOwnPropertyDescriptor(object, key)
  if (!descriptor || !('value' in descriptor)) throw malformed('a field that is not data')
  return descriptor.value
}

function hasPlainPrototype(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
