import { afterEach, describe, test } from 'vitest'
import { nodeDriver } from 'selfsame/node'
import { driverConformance } from 'selfsame/testing'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder(afterEach)

describe('the node driver, on a file', () => {
  test.each(driverConformance)('$name', async ({ run }) => {
    await run(nodeDriver({ filename: folder.path('app.sqlite') }))
  })
})

describe('the node driver, in memory', () => {
  test.each(driverConformance)('$name', async ({ run }) => {
    await run(nodeDriver({ filename: ':memory:' }))
  })
})
