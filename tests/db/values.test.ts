import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { reactive } from 'vue'
import { checkValue, decodeInteger } from '../../src/db/values.ts'

describe('values in', () => {
  test.each([null, '', 'text', 0, -1.5, 5e-324, 2n ** 63n - 1n, -(2n ** 63n)])('%s passes', (value) => {
    expect(checkValue(value, 1)).toBe(value)
  })

  test('bytes are copied, as a plain Uint8Array', () => {
    const bytes = Buffer.from([1, 2, 3])
    const taken = checkValue(bytes, 1)
    bytes.fill(0)
    expect(taken).toEqual(Uint8Array.of(1, 2, 3))
    expect(Object.getPrototypeOf(taken)).toBe(Uint8Array.prototype)
  })

  test('bytes of another window are bytes', () => {
    expect(checkValue(runInNewContext('new Uint8Array([1, 2])'), 1)).toEqual(Uint8Array.of(1, 2))
  })

  test('bytes in a reactive object are bytes', () => {
    expect(checkValue(reactive({ bytes: Uint8Array.of(1) }).bytes, 1)).toEqual(Uint8Array.of(1))
  })

  test.each([
    ['undefined', undefined, 'undefined'],
    ['a boolean', true, 'a boolean'],
    ['NaN', NaN, 'NaN'],
    ['an array', [1], 'an array'],
    ['a date', new Date(), 'a Date'],
    ['an object without a prototype', Object.create(null), 'a object'],
    ['a proxy around bytes', new Proxy(new Uint8Array(1), {}), 'a Uint8Array'],
    ['an integer beyond 64 bits', 2n ** 63n, 'an integer beyond 64 bits'],
    ['a lone surrogate', '\udc00', 'text with a lone surrogate'],
  ])('%s is refused by its place and type', (_, value, type) => {
    expect(() => checkValue(value, 3)).toThrow(
      expect.objectContaining({ code: 'invalid-value', details: { parameter: 3, type } }),
    )
  })

  test('what is refused is not in the message', () => {
    expect(() => checkValue(['canary'], 1)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('canary') }),
    )
  })
})

test('integers come out as numbers where that is exact', () => {
  expect([5n, 2n ** 53n - 1n, 1n - 2n ** 53n].map(decodeInteger)).toEqual([5, 2 ** 53 - 1, 1 - 2 ** 53])
  expect([2n ** 53n, -(2n ** 53n)].map(decodeInteger)).toEqual([2n ** 53n, -(2n ** 53n)])
})
