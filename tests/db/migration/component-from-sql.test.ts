import { describe, expect, test } from 'vitest'
import { componentFromSql } from '../../../src/db/migration/component-from-sql.ts'

const table = 'CREATE TABLE shop_orders (id INTEGER PRIMARY KEY)'

describe('componentFromSql', () => {
  test('reads patches, headers, reverts, repeatables and drop', () => {
    const component = componentFromSql({
      './shop/shop-0002.sql':
        '-- adds a column\r\n-- requires: identity-0003, other-0001\r\n-- Conflicts: old-0001\r\n-- min-reader: shop-0001\r\n\r\nALTER TABLE shop_orders ADD COLUMN b;\r\n-- requires: too-9999\r\n',
      './shop/shop-0001.sql': `${table}; INSERT INTO shop_orders VALUES (1);`,
      './shop/shop-0001.revert.sql': 'DROP TABLE shop_orders',
      './shop/repeatable.sql':
        'CREATE VIEW v AS SELECT 1; CREATE TRIGGER t AFTER INSERT ON shop_orders BEGIN SELECT 1; END;',
      './shop/drop.sql': 'DELETE FROM shop_orders;',
    })
    expect(component).toMatchObject({
      name: 'shop',
      patches: [
        {
          name: 'shop-0001',
          statements: [table, 'INSERT INTO shop_orders VALUES (1)'],
          revert: ['DROP TABLE shop_orders'],
        },
        {
          name: 'shop-0002',
          requires: ['identity-0003', 'other-0001'],
          conflicts: ['old-0001'],
          minReader: 'shop-0001',
          statements: ['ALTER TABLE shop_orders ADD COLUMN b'],
        },
      ],
      repeatables: [expect.stringContaining('VIEW v'), expect.stringContaining('TRIGGER t')],
      drop: ['DELETE FROM shop_orders'],
    })
  })

  test.each<[string, Record<string, string>, RegExp]>([
    ['nothing', {}, /no numbered SQL file/],
    ['files of two components', { 'a-0001.sql': table, 'b-0001.sql': table }, /a, b/],
    ['a file of another kind', { 'a-0001.sql': table, 'readme.md': '' }, /readme\.md/],
    ['a gap', { 'a-0001.sql': table, 'a-0003.sql': table }, /a-0003 where a-0002/],
    ['a revert of nothing', { 'a-0001.sql': table, 'a-0002.revert.sql': 'SELECT 1' }, /a-0002\.revert\.sql/],
    ['an empty patch', { 'a-0001.sql': '-- nothing yet' }, /a-0001 has no statements/],
    ['a patch that commits', { 'a-0001.sql': `${table}; COMMIT;` }, /COMMIT/],
    ['two readers', { 'a-0001.sql': `-- min-reader: a-0001 a-0002\n${table}` }, /min-reader/],
    ['two files of one name', { 'x/a-0001.sql': table, 'y/a-0001.sql': table }, /a-0001\.sql/],
  ])('refuses %s', (_, files, message) => {
    expect(() => componentFromSql(files)).toThrow(
      expect.objectContaining({ code: 'unsupported', message: expect.stringMatching(message) }),
    )
  })
})

describe('A comment at the top of a SQL file', () => {
  const withTop = (top: string) => componentFromSql({ 'shop/shop-0001.sql': `${top}\n${table};` }).patches[0]

  test.each<[string, string, number]>([
    ['a word in the singular', '-- require: a-0001', 1],
    ['a slip of the keyboard', '-- what it is for\r\n-- reqiures: a-0001', 2],
    ['the other word in the singular', '-- conflict: a-0001', 1],
    ['a word of a natural sentence', '-- Conflicts with: a-0001', 1],
    ['another spelling of min-reader', '\n-- minReader: shop-0001', 2],
    ['a blank in min-reader', '-- min reader: shop-0001', 1],
    ['no colon', '-- requires a-0001, b-0002', 1],
    ['an equals sign', '-- requires = a-0001', 1],
    ['a block comment', '/* for the shop\n * requires: a-0001\n */', 2],
    ['a slip below a block comment', '/* for\nthe shop */\n-- requires : x-0001\n-- requirs: a-0001', 4],
  ])('that is nearly a header, by %s, is refused with its file and line', (_, top, line) => {
    expect(() => withTop(top)).toThrow(
      expect.objectContaining({
        code: 'unsupported',
        message: expect.stringContaining(`shop-0001.sql, line ${line}:`),
        details: { file: 'shop-0001.sql', line },
      }),
    )
  })

  test('is a header below a block comment too', () => {
    expect(withTop('/* for the shop */\n\n-- requires: a-0001')).toMatchObject({
      requires: ['a-0001'],
    })
  })

  test.each([
    '-- requires the accounts table to be there',
    '-- note: requires care',
    '-- orders have a price',
    '-- min 3 readers',
    '/* conflicts of interest */',
    '-- “requires: x”',
    '-- requires:',
  ])('is prose, or says nothing: %s', (top) => {
    expect(withTop(top)?.requires ?? []).toEqual([])
  })

  test.each(['shop-0001.revert.sql', 'repeatable.sql', 'drop.sql'])(
    'is no header in %s, and is refused there',
    (file) => {
      const text = '-- requires: a-0001\nDROP VIEW IF EXISTS shop_orders'
      expect(() => componentFromSql({ 'shop-0001.sql': table, [file]: text })).toThrow(
        expect.objectContaining({ code: 'unsupported', details: { file, line: 1 } }),
      )
    },
  )
})

test('A file whose ending is in capitals is the same file', () => {
  expect(componentFromSql({ 'shop-0001.SQL': table, 'shop-0001.revert.Sql': 'DROP TABLE shop_orders' })).toMatchObject({
    patches: [{ name: 'shop-0001', revert: ['DROP TABLE shop_orders'] }],
  })
  expect(() => componentFromSql({ 'shop-0001.SQL': table, 'shop-0001.sql': table })).toThrow(/Two files/)
})
