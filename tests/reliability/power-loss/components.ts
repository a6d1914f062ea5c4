import { defineComponent } from '../../../src/db/migration/define-component.ts'
import { identityComponent } from '../../../src/identity/component.ts'

const shop = defineComponent({
  name: 'shop',
  patches: [
    {
      name: 'shop-0001',
      statements: [
        'CREATE TABLE shop_items (id INTEGER PRIMARY KEY, label TEXT NOT NULL)',
        'INSERT INTO shop_items (label) SELECT name FROM contacts ORDER BY id',
      ],
    },
  ],
})

export const components = [identityComponent(), shop]
