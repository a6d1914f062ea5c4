import { expect, test } from 'vitest'
import { transferables } from '../../../../src/db/drivers/web/tabs/operations.ts'

const large = () => new Uint8Array(16_384)
const resultOf = (...cells: unknown[]) => [
  { columns: ['b'], rows: cells.map((cell) => [cell]), tables: [], changes: 0 },
]

test('large blobs of a result are handed over, in the order of its rows', () => {
  const [first, second] = [large(), large()]
  expect(transferables(resultOf(first, 'text', null, second))).toEqual([first.buffer, second.buffer])
})

test('the image of a database is handed over', () => {
  const image = large()
  expect(transferables(image)).toEqual([image.buffer])
})

test('a small blob is copied, and so is one that shares its memory with other bytes', () => {
  const shared = new Uint8Array(new ArrayBuffer(40_000), 100, 20_000)
  expect(transferables(resultOf(new Uint8Array(100), shared))).toEqual([])
})

test('what has no bytes hands nothing over', () => {
  for (const value of [undefined, { location: 'opfs:app/backup' }, []]) expect(transferables(value)).toEqual([])
})
