import { expectEqual, expectRejection } from '../../src/testing/conformance/expectations.ts'
import { run, runAll } from '../../src/testing/conformance/conformance-test.ts'
import { driverFor } from './driver-for.ts'
import type { PageTest } from './page-tests.ts'

const nextTask = () => new Promise((resolve) => setImmediate(resolve))

/** Two data layers of one page on one database, and a page that is left while it opens one. */
export const takeoverTests: readonly PageTest[] = [
  {
    name: 'a data layer that takes over waits for the batch under way, and what it then wrote stays',
    run: async (app, platform, name) => {
      const made = await driverFor(app, platform, name).open()
      await run(made, 'CREATE TABLE a (n UNIQUE)')
      await made.close()
      for (let steps = 0; steps < 20; steps += 2) {
        const first = await driverFor(app, platform, name).open()
        await run(first, 'DELETE FROM a')
        const numbers = Array.from({ length: 12 }, (_, number) => [
          `INSERT INTO a VALUES (${number})`,
          'SELECT n FROM a',
        ])
        const batch = runAll(first, [...numbers.flat(), 'INSERT INTO a VALUES (0)'], { transaction: true })
        const refused = expectRejection(batch, 'sqlite')
        for (let step = 0; step < steps; step += 1) await nextTask()
        const second = await driverFor(app, platform, name).open()
        await run(second, 'INSERT INTO a VALUES (100)')
        await refused
        await expectRejection(run(first, 'SELECT 1'), 'closed')
        await second.close()
        const third = await driverFor(app, platform, name).open()
        expectEqual((await run(third, 'SELECT n FROM a')).rows, [[100]], `taken over after ${steps} steps`)
        await third.close()
      }
    },
  },
  {
    name: 'of two data layers that open at the same moment the second one has the database',
    run: async (app, platform, name) => {
      for (let steps = 0; steps < 8; steps += 1) {
        const opening = driverFor(app, platform, name).open()
        for (let step = 0; step < steps; step += 1) await nextTask()
        const [first, second] = await Promise.all([opening, driverFor(app, platform, name).open()])
        expectEqual((await run(second, 'SELECT 1')).rows, [[1]])
        await expectRejection(run(first, 'SELECT 1'), 'closed')
        await first.close()
        await second.close()
      }
    },
  },
  {
    name: 'an app that goes to the background while it opens the database lets it go',
    platform: 'ios',
    run: async (app, platform, name) => {
      const { document } = app.page.window
      const { calls } = app.page
      calls.length = 0
      const opening = driverFor(app, platform, name).open()
      while (calls.length < 2) await nextTask()
      document.dispatchEvent(new Event('pause'))
      const connection = await opening
      await new Promise((resolve) => setTimeout(resolve, 50))
      expectEqual(calls.at(-1), 'closeConnection')
      await connection.close()
    },
  },
  {
    name: 'a connection that is closed follows the app no longer',
    platform: 'ios',
    run: async (app, platform, name) => {
      const followed: string[] = []
      const document = new EventTarget()
      const { addEventListener, removeEventListener } = document
      document.addEventListener = (...given) => {
        followed.push(given[0])
        addEventListener.apply(document, given)
      }
      document.removeEventListener = (...given) => {
        followed.splice(followed.indexOf(given[0]), 1)
        removeEventListener.apply(document, given)
      }
      const connection = await driverFor(app, platform, name, { document }).open()
      expectEqual(followed.toSorted(), ['pause', 'resume'])
      await connection.close()
      expectEqual(followed, [])
    },
  },
]
