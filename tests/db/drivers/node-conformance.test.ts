import { describe, expect, test } from 'vitest'
import { nodeDriver } from 'selfsame/node'
import { driverConformance } from 'selfsame/testing'
import { temporaryPath } from './temporary-path.ts'

describe('the node driver, on a file', () => {
  test.each(driverConformance)('$name', async ({ run }) => {
    await expect(run(nodeDriver({ filename: temporaryPath('app.sqlite') }))).resolves.toBeUndefined()
  })
})

describe('the node driver, in memory', () => {
  test.each(driverConformance)('$name', async ({ run }) => {
    await expect(run(nodeDriver({ filename: ':memory:' }))).resolves.toBeUndefined()
  })
})
