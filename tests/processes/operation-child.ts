// A process that does one thing to a database of the tally component and prints what came of it. Its one argument is JSON.
import { nodeDriver } from '../../src/db/drivers/node/index.ts'
import { Migrator } from '../../src/db/migration/migrator.ts'
import { DataLayerError } from '../../src/errors/index.ts'
import { dyingDriver, type Weakness } from './dying-driver.ts'
import { runOperation, tally, type OperationName } from './tally.ts'

export interface OperationOrder {
  readonly file: string
  readonly operation: OperationName
  /** The statement before which the process dies. */
  readonly dieBefore?: number
  readonly weakness?: Weakness
}

export interface OperationAnswer {
  /** The code of the error it ended with. */
  readonly error: string | null
  readonly statements: number
  /** The boundaries before a COMMIT. */
  readonly commits: readonly number[]
  /** The boundaries between what a step did and the note of it, where a weakness makes such. */
  readonly boundariesBeforeNote: readonly number[]
}

const order = JSON.parse(process.argv[2] ?? '{}') as OperationOrder
const driver = dyingDriver(nodeDriver({ filename: order.file }), {
  dieBefore: order.dieBefore ?? 0,
  weakness: order.weakness ?? 'none',
})
const connection = await driver.open()
let error: string | null = null
try {
  await runOperation(new Migrator({ driver, connection }, [tally()]), order.operation)
} catch (caught) {
  if (!(caught instanceof DataLayerError)) throw caught
  error = caught.code
}
await connection.close()
const answer: OperationAnswer = {
  error,
  statements: driver.statements(),
  commits: driver.commits(),
  boundariesBeforeNote: driver.boundariesBeforeLedger(),
}
process.stdout.write(`${JSON.stringify(answer)}\n`)
