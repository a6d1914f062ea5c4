import type { Component } from '../../../src/db/migration/component.ts'
import { defineComponent } from '../../../src/db/migration/define-component.ts'
import { sql } from '../../../src/db/sql.ts'
import { identityComponent } from '../../../src/identity/component.ts'

// A second component beside identity: its patches cannot be adopted, so a patch that is run twice fails.
const shop = defineComponent({
  name: 'shop',
  patches: [
    {
      name: 'shop-0001',
      statements: [
        'CREATE TABLE shop_items (id INTEGER PRIMARY KEY, label TEXT NOT NULL)',
        `INSERT INTO shop_items (label) SELECT name FROM contacts ORDER BY id`,
      ],
    },
    {
      name: 'shop-0002',
      statements: [
        'ALTER TABLE shop_items ADD COLUMN price INTEGER NOT NULL DEFAULT 0',
        'UPDATE shop_items SET price = 100 + id',
        'CREATE INDEX shop_items_price ON shop_items (price)',
      ],
      revert: ['DROP INDEX shop_items_price', 'ALTER TABLE shop_items DROP COLUMN price'],
    },
  ],
  repeatables: ['CREATE VIEW shop_labels AS SELECT id, upper(label) AS label FROM shop_items'],
})

/** A patch in pieces, each committed by itself: what is cut off goes on where it was. It leaves set-up for later. */
const pieces = (stopsAfter = Infinity) =>
  defineComponent({
    name: 'pieces',
    patches: [
      {
        name: 'pieces-0001',
        statements: [
          'CREATE TABLE pieces_totals (contact INTEGER PRIMARY KEY, length INTEGER NOT NULL)',
          {
            code: 'counts the letters of four contacts at a time',
            async next(tx, cursor) {
              if (Number(cursor ?? 0) >= stopsAfter) throw new Error('cut off')
              const rows = await tx.query<{ id: number; name: string }>(
                sql`SELECT id, name FROM contacts WHERE id > ${Number(cursor ?? 0)} ORDER BY id LIMIT 4`,
              )
              for (const { id, name } of rows) {
                await tx.execute(sql`INSERT INTO pieces_totals (contact, length) VALUES (${id}, ${name.length})`)
              }
              return rows.length < 4 ? null : String(rows.at(-1)?.id)
            },
          },
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
                    `CREATE TABLE pieces_${part} (contact INTEGER PRIMARY KEY REFERENCES pieces_totals (contact))`,
                    `INSERT INTO pieces_${part} SELECT contact FROM pieces_totals WHERE contact % 2 = ${Number(part) - 1}`,
                  ],
          },
          {
            name: 'all',
            action: 'master',
            statements: () => ['CREATE VIEW pieces_all AS SELECT * FROM pieces_1 UNION SELECT * FROM pieces_2'],
          },
        ],
      },
    ],
  })

export const components: readonly Component[] = [identityComponent(), shop, pieces()]

/** The same, with the patch in pieces failing after its first one. */
export const stoppedComponents: readonly Component[] = [identityComponent(), shop, pieces(1)]
