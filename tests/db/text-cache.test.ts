import { expect, test } from 'vitest'
import { TextCache } from '../../src/db/text-cache.ts'

test('keeps a bounded number of characters, and no long text', () => {
  const cache = new TextCache<number>(1000)
  cache.set('x'.repeat(65_537), 1)
  expect([cache.characters, cache.has('x'.repeat(65_537))]).toEqual([0, false])
  let largest = 0
  for (let index = 0; index < 900; index += 1) {
    cache.set(`${index}`.padEnd(60_000, 'x'), index)
    largest = Math.max(largest, cache.characters)
  }
  expect(largest).toBeLessThanOrEqual(4 * 1024 * 1024)
  expect(cache.get('899'.padEnd(60_000, 'x'))).toBe(899)
})
