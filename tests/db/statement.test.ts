import { expect, test } from 'vitest'
import { reactive } from 'vue'
import { checkStatement } from '../../src/db/statement.ts'

test('text and values pass', () => {
  expect(checkStatement({ text: 'SELECT ?', params: [1] })).toEqual({ text: 'SELECT ?', params: [1] })
  expect(checkStatement({ text: 'SELECT 1' })).toEqual({ text: 'SELECT 1', params: [] })
})

test.each([
  ['two statements', 'SELECT 1; SELECT 2'],
  ['none', '-- nothing'],
  ['a NUL', 'SELECT 1\0'],
  ['a semicolon before it', '/* a */ ; PRAGMA synchronous = OFF'],
  ['a lone surrogate', "SELECT '\ud800'"],
])('a text with %s is unsupported', (_, text) => {
  expect(() => checkStatement({ text })).toThrow(expect.objectContaining({ code: 'unsupported' }))
})

test('what is no statement is unsupported', () => {
  expect(() => checkStatement({ text: undefined as never })).toThrow(expect.objectContaining({ code: 'unsupported' }))
})

test('parameters that are no list are refused', () => {
  expect(() => checkStatement({ text: 'SELECT ?', params: { 0: 1 } as never })).toThrow(
    expect.objectContaining({ code: 'invalid-value' }),
  )
})

test('a hole in the list is undefined, and refused at its place', () => {
  // oxlint-disable-next-line no-sparse-arrays -- that is what is tested
  expect(() => checkStatement({ text: 'SELECT ?, ?', params: [1, , 2] })).toThrow(
    expect.objectContaining({ details: { parameter: 2, type: 'undefined' } }),
  )
})

test('a reactive list is taken as a plain one', () => {
  const { params } = checkStatement({ text: 'SELECT ?', params: reactive([1, 'x']) })
  expect(structuredClone(params)).toEqual([1, 'x'])
})
