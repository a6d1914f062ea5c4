import type { Component } from '../../src/db/migration/component.ts'
import { defineComponent } from '../../src/db/migration/define-component.ts'
import { identityComponent } from '../../src/identity/component.ts'

// No patch of it says how to see that it was applied, as identity's do: what it has is known from the ledger alone.
const shop = defineComponent({
  name: 'shop',
  patches: [
    {
      name: 'shop-0001',
      statements: [
        'CREATE TABLE shop_orders (id INTEGER PRIMARY KEY, item TEXT NOT NULL)',
        "INSERT INTO shop_orders (item) VALUES ('tea'), ('pot')",
      ],
    },
    {
      name: 'shop-0002',
      requires: ['identity-0004'],
      statements: [
        'ALTER TABLE shop_orders ADD COLUMN did TEXT REFERENCES accounts (did)',
        'UPDATE shop_orders SET did = (SELECT min(did) FROM accounts)',
        "INSERT INTO shop_orders (item) VALUES ('cup')",
      ],
    },
  ],
  repeatables: ['CREATE VIEW shop_items AS SELECT item FROM shop_orders'],
})

/** What the processes of these tests launch: identity, and a component whose patches cannot run twice. */
export const launchedComponents: readonly Component[] = [identityComponent(), shop]
