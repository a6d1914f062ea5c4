import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DataLayerError } from '../../../../src/errors/index.ts'
import { rowidName } from '../../../../src/db/migration/patches/rowid-name.ts'
import { rebuildTable, type TableChange } from '../../../../src/db/migration/rebuild/rebuild-table.ts'
import { fingerprint } from '../../../../src/db/migration/schema/fingerprint.ts'
import { foreignKeyViolations, newViolations } from '../../../../src/db/migration/schema/foreign-keys.ts'
import { parseCreateTable } from '../../../../src/db/sql-text/create-table.ts'
import { sameName } from '../../../../src/db/sql-text/names.ts'
import { isCode, nameOf, tokenize } from '../../../../src/db/sql-text/tokenize.ts'
import { insertColumn, removeColumn } from '../../../../src/db/sql-text/edit-table.ts'
import { quoteName } from '../../../../src/db/sql.ts'
import { openEngine, type Engine, type TestDatabase } from './open-engine.ts'
import { actions, SchemaMaker, type RandomSchema, type RandomTable } from './random-schema.ts'

interface Change extends TableChange {
  readonly removed: string | null
  readonly added: { readonly name: string; readonly value: unknown } | null
}

/** Something worth doing to one of the tables: nothing at all, a column less, a column more, an index less. */
function makeChange(maker: SchemaMaker, schema: RandomSchema, table: RandomTable): Change {
  let sql = table.sql
  let removed: string | null = null
  let added: Change['added'] = null
  if (maker.chance(50)) {
    const { name } = maker.choose(table.columns)
    try {
      sql = removeColumn(sql, name)
      removed = name
    } catch (error) {
      if (!(error instanceof DataLayerError) || error.code !== 'unsupported') throw error
    }
  }
  if (maker.chance(50)) {
    const after = maker.choose(table.columns.filter(({ name }) => name !== removed)).name
    const [name, definition, value] = maker.choose([
      ['new, column', `"new, column" TEXT COLLATE NOCASE DEFAULT 'n''(,' -- new`, "n'(,"],
      ['added', 'added INTEGER NOT NULL DEFAULT 7 CHECK (added > 0)', 7],
      ['added', '[added] INT', null],
    ] as const)
    sql = insertColumn(sql, definition, maker.chance(20) ? null : after)
    added = { name, value }
  }
  const indexes = schema.indexes.filter((index) => index.table === table.name)
  const dropIndexes = indexes.length > 0 && maker.chance(20) ? [maker.choose(indexes).name] : []
  return { table: table.name, sql, removed, added, dropIndexes }
}

async function contents(db: TestDatabase, schema: RandomSchema) {
  const tables: Record<string, unknown> = {}
  for (const { name, columns, withoutRowid } of schema.tables) {
    const rowid = withoutRowid ? undefined : rowidName(columns.map((column) => column.name))
    const rows = await db.rows(
      `SELECT ${rowid ? `${rowid} AS "#", ` : ''}* FROM ${quoteName(name)}${rowid ? ` ORDER BY ${rowid}` : ''}`,
    )
    tables[name] = rows
  }
  const counters = (await db.rows("SELECT name FROM sqlite_schema WHERE name = 'sqlite_sequence'")).length > 0
  return {
    tables: tables as Record<string, Record<string, unknown>[]>,
    log: await db.rows('SELECT * FROM log'),
    sequence: counters ? await db.rows('SELECT * FROM sqlite_sequence ORDER BY name') : [],
    texts: (await db.rows('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name')).map((row) =>
      JSON.stringify(row),
    ),
    integrity: await db.rows('PRAGMA integrity_check'),
    // In no order that SQLite promises.
    violations: (await foreignKeyViolations(db.reader)).toSorted((one, other) =>
      JSON.stringify(one) < JSON.stringify(other) ? -1 : 1,
    ),
    fingerprint: await fingerprint(db.reader),
  }
}

// A table whose rowid nothing names is read in whatever order its indexes suggest, and a change may drop one of them.
function inOrder(tables: Record<string, Record<string, unknown>[]>) {
  const text = (row: Record<string, unknown>) =>
    inspect(Object.entries(row).toSorted(([one], [other]) => (one < other ? -1 : 1)))
  return Object.entries(tables).map(([name, rows]) => [
    name,
    rows.toSorted((one, other) => (text(one) < text(other) ? -1 : 1)),
  ])
}

function expectedRows(rows: Record<string, unknown>[], { removed, added }: Change): Record<string, unknown>[] {
  return rows.map((row) => {
    const { [removed ?? '']: _gone, ...kept } = row
    return added ? { ...kept, [added.name]: added.value } : kept
  })
}

type Rebuild = (db: TestDatabase, change: Change) => Promise<void>
const withHelper: Rebuild = (db, change) => db.transaction((tx) => rebuildTable(tx, change))

// The helper with one of its precautions taken away: what it protects from must then be found.
const withForeignKeysOn: Rebuild = async (db, change) => {
  await db.run('PRAGMA foreign_keys = ON')
  const off = async () => ({ foreign_keys: 0 }) as never
  await db.transaction((tx) =>
    rebuildTable(
      { ...tx, queryOne: (query) => (query.text === 'PRAGMA foreign_keys' ? off() : tx.queryOne(query)) },
      change,
    ),
  )
}
const withoutLegacyRename: Rebuild = (db, change) =>
  db.transaction((tx) =>
    rebuildTable(
      { ...tx, query: async (query) => (query.text.startsWith('PRAGMA legacy_alter_table =') ? [] : tx.query(query)) },
      change,
    ),
  )

function parsesToSelf(table: RandomTable): boolean {
  const { columns, constraints } = parseCreateTable(table.sql)
  return [...columns, ...constraints].some(({ text }) =>
    text
      .split('REFERENCES')
      .slice(1)
      .some((rest) => sameName(namedFirst(rest), table.name)),
  )
}

function namedFirst(text: string): string {
  const token = tokenize(text).find(isCode)
  return (token && nameOf(token)) ?? ''
}

/** What of the things that make a rebuild hard a schema has, for the figures. */
function featuresOf(schema: RandomSchema, table: RandomTable): string[] {
  const all = schema.statements.join(';\n')
  const marks: readonly (readonly [string, string, RegExp])[] = [
    ['AUTOINCREMENT', table.sql, /AUTOINCREMENT/],
    ['WITHOUT ROWID', table.sql, /WITHOUT ROWID/],
    ['STRICT', table.sql, /(^|[^E])STRICT/],
    ['STORED', table.sql, /STORED/],
    ['virtual generated', table.sql, /"gen, 1"(?!.*STORED)/],
    ['COLLATE', table.sql, /COLLATE/],
    ['table constraint', table.sql, /,\s*(UNIQUE|CHECK|CONSTRAINT|FOREIGN|PRIMARY)/],
    ['unique index', all, /CREATE UNIQUE INDEX/],
    ['partial index', all, /INDEX .* WHERE .* IS NOT NULL/],
    ['expression index', all, /INDEX .*lower\(/],
    ['view on a view', all, /SELECT \*, 'it''s' FROM/],
    ['INSTEAD OF trigger', all, /INSTEAD OF/],
    ['trigger with CASE', all, /TRIGGER .* WHEN CASE/],
    ...actions.map((action) => [`ON DELETE ${action}`, all, new RegExp(`ON DELETE ${action}`)] as const),
  ]
  const self = parsesToSelf(table) ? ['foreign key to itself'] : []
  return [...self, ...marks.filter(([, text, mark]) => mark.test(text)).map(([name]) => name)]
}

/** Rebuilds one table of a random schema and compares everything. */
async function tryOne(engine: Engine, maker: SchemaMaker, rebuild: Rebuild): Promise<'refused' | readonly string[]> {
  const schema = maker.schema()
  const table = maker.choose(schema.tables)
  const change = makeChange(maker, schema, table)
  const db = await openEngine(engine)
  const fresh = await openEngine(engine)
  try {
    await db.run(...schema.statements)
    const before = await contents(db, schema)
    try {
      await rebuild(db, change)
    } catch (error) {
      // Only a column that something else needs may be refused; then everything is as it was.
      if (!(error instanceof DataLayerError) || error.code !== 'patch-failed' || change.removed === null) throw error
      expect(await contents(db, schema)).toEqual(before)
      return 'refused'
    }
    const after = await contents(db, schema)
    const expected = { ...before.tables, [table.name]: expectedRows(before.tables[table.name] ?? [], change) }
    expect(inOrder(after.tables)).toEqual(inOrder(expected))
    expect(after.log).toEqual(before.log)
    expect(after.sequence).toEqual(before.sequence)
    expect(after.integrity).toEqual([{ integrity_check: 'ok' }])
    expect(newViolations(before.violations, after.violations)).toEqual([])
    // The schema is the one that the same statements make with the new definition in the place of the old one.
    const dropped = schema.indexes.filter(({ name }) => change.dropIndexes?.includes(name)).map(({ sql }) => sql)
    const definitions = schema.statements.filter((text) => !/^(INSERT|DELETE)/.test(text) && !dropped.includes(text))
    await fresh.run(...definitions.map((text) => (text === table.sql ? change.sql : text)))
    const wanted = await contents(fresh, schema)
    expect(after.fingerprint).toBe(wanted.fingerprint)
    expect(after.texts).toEqual(wanted.texts)
    return featuresOf(schema, table)
  } catch (error) {
    // The draws of a failing schema tell nobody anything; its statements do.
    throw new Error(`${schema.statements.join(';\n')};\n${JSON.stringify(change, null, 2)}`, { cause: error })
  } finally {
    await db.close()
    await fresh.close()
  }
}

describe('random schemas', () => {
  test.each<[Engine, number]>([
    ['node', 1000],
    ['sql.js', 300],
  ])(
    '%s: %i rebuilt tables keep every row, rowid and object',
    async (engine, wanted) => {
      const seen = { rebuilt: 0, refused: 0 }
      const features = new Map<string, number>()
      while (seen.rebuilt < wanted) {
        await fc.assert(
          fc.asyncProperty(fc.gen(), async (draw) => {
            const result = await tryOne(engine, new SchemaMaker(draw), withHelper)
            seen[result === 'refused' ? 'refused' : 'rebuilt'] += 1
            if (result !== 'refused')
              for (const feature of result) features.set(feature, (features.get(feature) ?? 0) + 1)
          }),
          // Shrinking half a thousand draws takes longer than reading the statements.
          { numRuns: Math.min(50, wanted - seen.rebuilt), endOnFailure: true },
        )
      }
      process.stdout.write(
        `${engine}: ${seen.rebuilt} random schemas rebuilt, ${seen.refused} refused and left as they were\n` +
          [...features].map(([name, count]) => `  ${name} ${count}`).join('') +
          '\n',
      )
      expect(seen.rebuilt).toBeGreaterThanOrEqual(wanted)
      // Each of the things that make a rebuild hard was there, and not by a hair.
      expect(features.size).toBe(19)
      expect(Math.min(...features.values())).toBeGreaterThan(wanted / 50)
    },
    900_000,
  )

  test.each<[string, Rebuild]>([
    ['foreign keys on', withForeignKeysOn],
    ['a rename that other objects follow', withoutLegacyRename],
  ])(
    'the comparison finds what goes wrong with %s',
    async (_what, rebuild) => {
      let found = 0
      for (let tried = 0; found < 3 && tried < 600; tried += 1) {
        const [draw] = fc.sample(fc.gen(), 1)
        if (!draw) continue
        const error: unknown = await tryOne('node', new SchemaMaker(draw), rebuild).catch((thrown: unknown) => thrown)
        // Only what the comparison itself finds counts, not what SQLite refuses by itself.
        if (error instanceof Error && error.cause instanceof Error && error.cause.name === 'AssertionError') found += 1
      }
      expect(found).toBe(3)
    },
    300_000,
  )
})
