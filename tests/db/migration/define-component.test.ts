import { describe, expect, test } from 'vitest'
import type { Component, Patch, SetUpStep } from '../../../src/db/migration/component.ts'
import { defineComponent } from '../../../src/db/migration/define-component.ts'
import { patchOrder } from '../../../src/db/migration/patch-order.ts'

const table = 'CREATE TABLE shop_orders (id INTEGER PRIMARY KEY)'
const shop = (patch: Partial<Patch> = {}, rest: Partial<Component> = {}): Component => ({
  name: 'shop',
  patches: [{ name: 'shop-0001', statements: [table], ...patch }],
  ...rest,
})

const later = (name: string, action: SetUpStep['action'] = 'create'): SetUpStep => ({
  name,
  action,
  statements: () => [],
})

describe('defineComponent refuses', () => {
  test.each<[string, Component, RegExp]>([
    ['a name in capitals', { name: 'Shop', patches: [] }, /Shop has a name/],
    ['an empty name', { name: '', patches: [] }, /has a name/],
    ['a name with a space', { name: 'my shop', patches: [] }, /my shop/],
    ['a patch of another component', shop({ name: 'other-0001' }), /other-0001 where shop-0001 is due/],
    ['a number that is not the next', shop({ name: 'shop-0002' }), /shop-0002 where shop-0001 is due/],
    ['a number of three digits', shop({ name: 'shop-001' }), /shop-001 where shop-0001/],
    ['a patch without statements', shop({ statements: [] }), /shop-0001 has no statements/],
    ['an empty text', shop({ statements: [' -- nothing'] }), /0 statements/],
    ['two statements in one text', shop({ statements: [`${table}; DROP TABLE shop_orders`] }), /2 statements/],
    ['two statements in a statement', shop({ statements: [{ text: 'SELECT 1; SELECT 2' }] }), /2 statements/],
    ['two statements in a revert', shop({ revert: ['SELECT 1; SELECT 2'] }), /2 statements/],
    ['a code step without a code', shop({ statements: [{ code: '', run: async () => undefined }] }), /without a code/],
    ['a requirement that is no name', shop({ requires: ['identity'] }), /identity, which is no patch name/],
    ['a conflict that is no name', shop({ conflicts: ['x'] }), /x, which is no patch name/],
    ['a patch that requires itself', shop({ requires: ['shop-0001'] }), /requires itself/],
    ['a patch that requires and excludes another', shop({ requires: ['x-0001'], conflicts: ['x-0001'] }), /x-0001/],
    ['two set-ups of one name', shop({ setUp: [later('a'), later('a')] }), /shop-0001 has two set-ups called a/],
    ['a set-up without a name', shop({ setUp: [later('')] }), /without a name/],
    ['a set-up with an action there is not', shop({ setUp: [later('a', 'run' as 'create')] }), /no action there is/],
    [
      'a set-up of keys between tables for parts',
      shop({ setUp: [{ ...later('a', 'foreign'), partitioned: true }] }),
      /nothing to do with partitions/,
    ],
    ['a patch that excludes itself', shop({ conflicts: ['shop-0001'] }), /itself/],
    ['a reader that is none of its patches', shop({ minReader: 'shop-0009' }), /shop-0009/],
    [
      'a reader newer than the patch',
      {
        name: 'shop',
        patches: [
          { name: 'shop-0001', statements: [table], minReader: 'shop-0002' },
          { name: 'shop-0002', statements: [table] },
        ],
      },
      /shop-0002/,
    ],
    [
      'a baseline through a patch that is not there',
      shop({}, { baseline: { through: 'shop-0007', statements: [table] } }),
      /shop-0007/,
    ],
    [
      'an invariant since a patch that is not there',
      shop({}, { invariants: [{ name: 'x', since: 'shop-0007', rows: 'SELECT 1' }] }),
      /shop-0007/,
    ],
    ['a repeatable that is a table', shop({}, { repeatables: [table] }), /neither CREATE VIEW nor CREATE TRIGGER/],
    ['a repeatable that is TEMP', shop({}, { repeatables: ['CREATE TEMP VIEW v AS SELECT 1'] }), /TEMP/],
    [
      'a repeatable with IF NOT EXISTS',
      shop({}, { repeatables: ['CREATE VIEW IF NOT EXISTS v AS SELECT 1'] }),
      /IF NOT EXISTS/,
    ],
    [
      'a repeatable in another schema',
      shop({}, { repeatables: ['CREATE VIEW main.v AS SELECT 1'] }),
      /name cannot be read/,
    ],
    [
      'a repeatable that writes to the ledger',
      shop({}, { repeatables: ['CREATE TRIGGER w AFTER INSERT ON orders BEGIN DELETE FROM selfsame_ledger; END'] }),
      /the engine's own/,
    ],
    [
      'two repeatables in one text',
      shop({}, { repeatables: ['CREATE VIEW v AS SELECT 1; CREATE VIEW w AS SELECT 1'] }),
      /one statement/,
    ],
    [
      'a repeatable twice',
      shop({}, { repeatables: ['CREATE VIEW v AS SELECT 1', 'CREATE VIEW "V" AS SELECT 2'] }),
      /twice/,
    ],
    ...['BEGIN', 'COMMIT', 'END', 'ROLLBACK', 'SAVEPOINT a', 'RELEASE a', 'VACUUM', "ATTACH 'x' AS y", 'DETACH y'].map(
      (text): [string, Component, RegExp] => [text, shop({ statements: [text] }), /transaction/],
    ),
    ...[
      'foreign_keys = OFF',
      'main.foreign_keys = 0',
      'journal_mode = WAL',
      'writable_schema = ON',
      'legacy_alter_table = ON',
    ].map((text): [string, Component, RegExp] => [
      `PRAGMA ${text}`,
      shop({ statements: [`/* x */ pragma ${text}`] }),
      /PRAGMA/,
    ]),
    ['COMMIT in a baseline', shop({}, { baseline: { through: 'shop-0001', statements: ['COMMIT'] } }), /COMMIT/],
    ['COMMIT in a drop', shop({}, { drop: ['COMMIT'] }), /COMMIT/],
  ])('%s', (_, component, message) => {
    expect(() => defineComponent(component)).toThrow(
      expect.objectContaining({ code: 'unsupported', message: expect.stringMatching(message) }),
    )
  })
})

describe('defineComponent takes', () => {
  test.each<[string, Component]>([
    ['a component without patches', { name: 'shop', patches: [] }],
    [
      'a name with hyphens and digits',
      { name: 'my-shop_2', patches: [{ name: 'my-shop_2-0001', statements: [table] }] },
    ],
    [
      'a trigger of several statements',
      shop({ statements: ['CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; SELECT CASE WHEN 1 THEN 2 END; END;'] }),
    ],
    ['a PRAGMA that leaves the transaction alone', shop({ statements: ['PRAGMA user_version = 3'] })],
    ['a reader that is the patch itself', shop({ minReader: 'shop-0001' })],
  ])('%s', (_, component) => {
    expect(defineComponent(component)).toEqual(component)
  })
})

describe('patchOrder', () => {
  const component = (name: string, ...requires: string[][]): Component => ({
    name,
    patches: requires.map((names, index) => ({
      name: `${name}-000${index + 1}`,
      requires: names,
      statements: ['SELECT 1'],
    })),
  })
  const names = (...components: Component[]) => patchOrder(components).map(({ patch }) => patch.name)

  test('puts what is required first, whatever order the components are named in', () => {
    expect(names(component('a', ['b-0002']), component('b', [], []))).toEqual(['b-0001', 'b-0002', 'a-0001'])
  })

  test('weaves components that need each other in turns', () => {
    expect(names(component('a', [], ['b-0001']), component('b', ['a-0001'], ['a-0002']))).toEqual([
      'a-0001',
      'b-0001',
      'a-0002',
      'b-0002',
    ])
  })

  test('takes a requirement that nobody has for somebody else’s business', () => {
    expect(names(component('a', ['z-0001']))).toEqual(['a-0001'])
  })

  test.each([
    ['two components', [component('a', ['b-0001']), component('b', ['a-0001'])], ['a-0001', 'b-0001', 'a-0001']],
    ['a later patch of its own', [component('a', ['a-0002'], [])], ['a-0001', 'a-0002', 'a-0001']],
    [
      'three components',
      [component('a', ['b-0001']), component('b', ['c-0001']), component('c', ['a-0001'])],
      ['a-0001', 'b-0001', 'c-0001', 'a-0001'],
    ],
  ])('refuses a circle of %s, and names it', (_, components, patches) => {
    expect(() => patchOrder(components)).toThrow(expect.objectContaining({ code: 'unsupported', details: { patches } }))
  })

  test('refuses two components with one name', () => {
    expect(() => names(component('a'), component('a'))).toThrow(expect.objectContaining({ code: 'unsupported' }))
  })
})
