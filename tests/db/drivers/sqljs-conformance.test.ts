import { describe, expect, test } from 'vitest'
import { sqljsDriver } from 'selfsame/sqljs'
import { driverConformance } from 'selfsame/testing'
import { memoryImageStore } from './sqljs/memory-image-store.ts'

describe('the sql.js driver, in memory', () => {
  test.each(driverConformance)('$name', async ({ run }) => {
    await expect(run(sqljsDriver())).resolves.toBeUndefined()
  })
})

describe('the sql.js driver, with a store', () => {
  test.each(driverConformance)('$name', async ({ run }) => {
    await expect(run(sqljsDriver({ store: memoryImageStore() }))).resolves.toBeUndefined()
  })
})
