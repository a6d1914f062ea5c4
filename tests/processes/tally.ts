import type { Component, ChunkedStep } from '../../src/db/migration/component.ts'
import { defineComponent } from '../../src/db/migration/define-component.ts'
import { sql } from '../../src/db/sql.ts'
import type { Migrator } from '../../src/db/migration/migrator.ts'

const rows = 9
const atATime = 2

/** Adds to what is there, so that a row done twice shows. */
function counting(code: string, sign: 1 | -1, failsAt: number): ChunkedStep {
  return {
    code,
    async next(tx, cursor) {
      const from = Number(cursor ?? 0)
      if (failsAt > 0 && from >= failsAt) throw new Error('cut off')
      await tx.execute(
        sql`UPDATE tally_rows SET length = length + ${sign} * length(text) WHERE id > ${from} AND id <= ${from + atATime}`,
      )
      return from + atATime >= rows ? null : String(from + atATime)
    },
  }
}

/**
 * A component with a patch in pieces, a way back from it, and set-up.
 *
 * @param failsAt the row from which on the pieces fail, to leave the patch half done; 0 for never
 */
export function tally(failsAt = 0): Component {
  return defineComponent({
    name: 'tally',
    patches: [
      {
        name: 'tally-0001',
        statements: [
          'CREATE TABLE tally_rows (id INTEGER PRIMARY KEY, text TEXT NOT NULL, length INTEGER NOT NULL DEFAULT 0)',
          `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
            INSERT INTO tally_rows (text) SELECT printf('%.*c', i, 'x') FROM n`,
        ],
        setUp: [
          {
            name: 'parts',
            action: 'create',
            partitioned: true,
            statements: (_args, part) =>
              part === null
                ? []
                : [
                    `CREATE TABLE tally_${part} (id INTEGER PRIMARY KEY, row INTEGER REFERENCES tally_rows (id))`,
                    `INSERT INTO tally_${part} (row) SELECT id FROM tally_rows WHERE id % 2 = ${Number(part) - 1}`,
                  ],
          },
          {
            name: 'all',
            action: 'master',
            statements: () => ['CREATE VIEW tally_all AS SELECT row FROM tally_1 UNION SELECT row FROM tally_2'],
          },
        ],
      },
      {
        name: 'tally-0002',
        statements: [counting('counts', 1, failsAt), 'CREATE INDEX tally_length ON tally_rows (length)'],
        revert: ['DROP INDEX tally_length', counting('counts back', -1, 0)],
      },
    ],
    repeatables: ['CREATE VIEW tally_long AS SELECT id FROM tally_rows WHERE length > 4'],
  })
}

/** What is done to a database of this component. */
export const operationNames = ['launch', 'set-up', 'rollback', 'drop'] as const
export type OperationName = (typeof operationNames)[number]

/** Resolves when it is done. @throws what it failed with; of a launch, its report's error */
export async function runOperation(migrator: Migrator, name: OperationName): Promise<void> {
  if (name === 'set-up') await migrator.setUp({ partitions: 2 })
  else if (name === 'rollback') await migrator.rollback({ to: 'tally-0001' })
  else if (name === 'drop') await migrator.drop('tally')
  else {
    const { error } = await migrator.launch()
    if (error) throw error
  }
}
