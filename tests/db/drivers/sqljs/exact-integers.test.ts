import { expect, test } from 'vitest'
import { bindExactly } from '../../../../src/db/drivers/sqljs/exact-integers.ts'

test('values that sql.js binds as they are leave the text alone', () => {
  const params = [null, 'x', 1.5, 5, -(2 ** 31), 2 ** 31 - 1, new Uint8Array(1)]
  const text = 'SELECT ?, ?, ?, ?, ?, ?, ?'
  expect(bindExactly({ text, params })).toEqual({ text, values: params })
})

test('a small bigint is bound as a number', () => {
  expect(bindExactly({ text: 'SELECT ?', params: [5n] })).toEqual({ text: 'SELECT ?', values: [5] })
})

test('an integer beyond 32 bits is bound as digits, at its own place only', () => {
  expect(bindExactly({ text: "SELECT ?, '?', ? -- ?", params: [1, 2 ** 31] })).toEqual({
    text: "SELECT ?, '?', (+CAST(? AS INTEGER)) -- ?",
    values: [1, '2147483648'],
  })
  expect(bindExactly({ text: 'SELECT ?', params: [-(2n ** 63n)] }).values).toEqual(['-9223372036854775808'])
})

test('a numbered place is wrapped each time it occurs', () => {
  expect(bindExactly({ text: 'SELECT ?2, ?1, ?2', params: [1, 2 ** 40] }).text).toBe(
    'SELECT (+CAST(?2 AS INTEGER)), ?1, (+CAST(?2 AS INTEGER))',
  )
})

test('a number that is no exact integer stays a double', () => {
  expect(bindExactly({ text: 'SELECT ?', params: [2 ** 53] })).toEqual({ text: 'SELECT ?', values: [2 ** 53] })
})
