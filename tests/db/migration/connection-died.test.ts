import { expect, test } from 'vitest'
import { nodeDriver } from 'selfsame/node'
import type { Driver } from '../../../src/db/driver.ts'
import { Migrator } from '../../../src/db/migration/migrator.ts'
import { DataLayerError } from '../../../src/errors/index.ts'
import { temporaryPath } from '../drivers/temporary-path.ts'
import { shop } from './shop.ts'

/** Its engine dies in a statement of this text. */
function dyingIn(text: string): Driver {
  const file = nodeDriver({ filename: temporaryPath('app.sqlite') })
  return {
    ...file,
    open: async () => {
      const connection = await file.open()
      let dead = false
      return {
        ...connection,
        reserve: async () => {
          const session = await connection.reserve()
          return {
            ...session,
            run: async (statements, options) => {
              if (dead) throw new DataLayerError('closed')
              dead = statements.some((statement) => statement.text === text)
              if (dead) throw new DataLayerError('outcome-unknown')
              return session.run(statements, options)
            },
          }
        },
      }
    },
  }
}

test.each(['CREATE TABLE a (n)', 'COMMIT'])(
  'a launch whose engine dies in %s says that its outcome is unknown',
  async (text) => {
    const driver = dyingIn(text)
    const connection = await driver.open()
    const { outcome, error } = await new Migrator({ driver, connection }, [shop([['CREATE TABLE a (n)']])]).launch()
    expect([outcome, error?.code]).toEqual(['failed', 'outcome-unknown'])
    await connection.close()
  },
)
