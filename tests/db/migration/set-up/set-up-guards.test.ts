import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { nodeDriver } from '../../../../src/db/drivers/node/index.ts'
import type { SetUpArguments, SetUpStep } from '../../../../src/db/migration/component.ts'
import type { LaunchEvent } from '../../../../src/db/migration/launch-report.ts'
import { Migrator } from '../../../../src/db/migration/migrator.ts'
import { fingerprint } from '../../../../src/db/migration/schema/fingerprint.ts'
import { customers, orders, shop } from '../shop.ts'
import { engines, openDatabase, type TestDatabase } from '../test-database.ts'

let opened: TestDatabase
afterEach(() => opened?.close())

type Shop = ReturnType<typeof shop>
const step = (name: string, statements: SetUpStep['statements'], rest: Partial<SetUpStep> = {}): SetUpStep => ({
  name,
  action: 'create',
  statements,
  ...rest,
})
/** A shop whose first patch leaves these steps for later. */
const later = (...steps: SetUpStep[]) =>
  shop([{ statements: [orders], revert: ['DROP TABLE shop_orders'], setUp: steps }])
const migrator = (...components: Shop[]) => new Migrator(opened, components)
const setUp = (component: Shop, args: SetUpArguments = {}) => migrator(component).setUp(args)
const objects = () =>
  opened.list("SELECT name FROM sqlite_schema WHERE name NOT GLOB 'sqlite_*' AND name NOT GLOB 'selfsame_*' ORDER BY 1")
const finished = () => opened.list('SELECT name FROM selfsame_set_up WHERE finished_at IS NOT NULL ORDER BY serial')

describe.each(engines)('A step of the set-up on %s', (engine) => {
  const first = step('first', () => ['CREATE TABLE one (x)'])
  const open = async (component: Shop) => {
    opened = await openDatabase(engine)
    await opened.migrate([component])
  }

  test('that fails is undone, those before it stay and are not run again', async () => {
    let fails = true
    const second = step('second', () => ['CREATE TABLE two (x)', fails ? 'INSERT INTO nowhere VALUES (1)' : 'SELECT 1'])
    const component = later(first, second)
    await open(component)
    await expect(setUp(component)).rejects.toMatchObject({
      code: 'patch-failed',
      message: expect.stringContaining('shop-0001/second'),
      details: { finished: ['shop-0001/first'], backup: null },
    })
    expect(await objects()).toEqual(['one', 'shop_orders'])
    expect(await finished()).toEqual(['first'])
    fails = false
    expect(await setUp(component)).toMatchObject({ finished: ['shop-0001/second'] })
    expect(await objects()).toEqual(['one', 'shop_orders', 'two'])
  })

  test.each(['COMMIT', 'BEGIN', "ATTACH 'x' AS x", 'PRAGMA foreign_keys = ON', 'VACUUM', 'SELECT 1; SELECT 2'])(
    'may not say %s',
    async (text) => {
      const component = later(step('bad', () => ['CREATE TABLE one (x)', text]))
      await open(component)
      await expect(setUp(component)).rejects.toMatchObject({ code: 'unsupported' })
      expect(await objects()).toEqual(['shop_orders'])
    },
  )

  test.each([
    ['a view', 'CREATE VIEW mine AS SELECT item FROM shop_orders', 'the view mine'],
    ['a foreign key', 'CREATE TABLE mine (o REFERENCES shop_orders (id))', 'the foreign key of mine (o)'],
  ])('may not break %s', async (_what, text, object) => {
    const component = later(step('bad', () => ['DROP TABLE shop_orders']))
    await open(component)
    await opened.run(text)
    await expect(setUp(component)).rejects.toMatchObject({ code: 'patch-failed', details: { objects: [object] } })
    expect(await objects()).toEqual(['mine', 'shop_orders'])
    expect(await finished()).toEqual([])
  })

  test('may leave no row without its parent', async () => {
    const component = later(step('bad', () => ['DELETE FROM shop_orders']))
    await open(component)
    await opened.run(
      "INSERT INTO shop_orders VALUES (1, 'a')",
      'CREATE TABLE c (o REFERENCES shop_orders (id))',
      'INSERT INTO c VALUES (1)',
    )
    await expect(setUp(component)).rejects.toMatchObject({ code: 'foreign-key-violation' })
    expect(await opened.value('SELECT count(*) FROM shop_orders')).toBe(1)
  })

  test('is called for the tables its action is for, by the number of partitions', async () => {
    const calls: string[] = []
    const seen = (action: SetUpStep['action'], partitioned: boolean) =>
      step(
        `${action} ${partitioned}`,
        (_args, partition) => {
          calls.push(`${action} ${partitioned}: ${partition}`)
          return []
        },
        { action, partitioned },
      )
    const steps = [
      seen('create', true),
      seen('create', false),
      seen('alter', true),
      seen('constrain', true),
      seen('foreign', false),
      seen('master', false),
    ]
    const callsWith = async (args: SetUpArguments) => {
      calls.length = 0
      await open(later(...steps))
      const { waiting } = await setUp(later(...steps), args)
      await opened.close()
      return [...calls, ...waiting.map((label) => `waits: ${label}`)]
    }
    const undivided = ['create true', 'create false', 'alter true', 'constrain true', 'foreign false', 'master false']
    expect(await callsWith({})).toEqual(undivided.map((name) => `${name}: null`))
    expect(await callsWith({ partitions: null })).toEqual(undivided.map((name) => `${name}: null`))
    expect(await callsWith({ partitions: 2 })).toEqual([
      'create true: null',
      'create true: 1',
      'create true: 2',
      'create false: null',
      'alter true: null',
      'alter true: 1',
      'alter true: 2',
      'constrain true: 1',
      'constrain true: 2',
      'master false: null',
      'waits: shop-0001/foreign false',
    ])
    expect(await callsWith({ partitions: 0 })).toContain('constrain true: default')
    opened = await openDatabase(engine)
  })

  test.each([1.5, -1, 'two', true])('is not run for %s partitions', async (partitions) => {
    await open(later(first))
    await expect(setUp(later(first), { partitions })).rejects.toMatchObject({ code: 'invalid-value' })
    expect(await finished()).toEqual([])
  })
})

describe.each(engines)('What the set-up made on %s', (engine) => {
  const component = later(
    step(
      'parts',
      (_args, part) => (part === null ? [] : [`CREATE TABLE part_${part} (x REFERENCES shop_orders (id))`]),
      {
        partitioned: true,
      },
    ),
    step('all', () => ['CREATE VIEW parts AS SELECT x FROM part_1 UNION ALL SELECT x FROM part_2'], {
      action: 'master',
    }),
  )
  const open = async () => {
    opened = await openDatabase(engine)
    await opened.migrate([component])
    await setUp(component, { partitions: 2 })
    expect(await objects()).toEqual(['part_1', 'part_2', 'parts', 'shop_orders'])
  }

  test('goes with its component', async () => {
    opened = await openDatabase(engine)
    const empty = await fingerprint(opened.db)
    await opened.migrate([component])
    await setUp(component, { partitions: 2 })
    await migrator(component).drop('shop')
    expect(await fingerprint(opened.db)).toBe(empty)
    expect(await opened.list('SELECT name FROM selfsame_set_up')).toEqual([])
  })

  test('goes with its patch, and can be made again with other arguments', async () => {
    await open()
    await opened.rollback([component])
    expect(await objects()).toEqual([])
    await opened.migrate([component])
    expect(await setUp(component, { partitions: 3 })).toMatchObject({
      finished: ['shop-0001/parts', 'shop-0001/all'],
    })
  })

  test('is not taken away under a name that a patch has freed since', async () => {
    await open()
    const freeing = shop([component.patches[0]!, ['DROP VIEW parts']])
    await opened.migrate([freeing])
    await opened.run('CREATE VIEW parts AS SELECT 1 AS mine')
    await migrator(freeing).drop('shop')
    expect(await objects()).toEqual(['parts'])
  })
})

describe('The set-up is refused, with nothing written,', () => {
  const component = later(step('first', () => ['CREATE TABLE one (x)']))
  const expectRefused = async (other: Shop, code: string) => {
    const before = await opened.snapshot()
    await expect(setUp(other)).rejects.toMatchObject({ code })
    expect(await opened.snapshot()).toEqual(before)
    expect(await finished()).toEqual([])
  }

  test('where a patch was changed since it was applied', async () => {
    opened = await openDatabase()
    await opened.migrate([component])
    await expectRefused(shop([{ ...component.patches[0]!, statements: [`${orders} STRICT`] }]), 'schema-drift')
  })

  test('where a newer app has been', async () => {
    opened = await openDatabase()
    await opened.migrate([shop([component.patches[0]!, [customers]])])
    await expectRefused(component, 'schema-too-new')
  })

  test('where a patch is half done', async () => {
    opened = await openDatabase()
    const pieces = {
      code: 'stops',
      next: async (_tx: unknown, cursor: string | null) => {
        if (cursor !== null) throw new Error('cut off')
        return '1'
      },
    }
    const half = shop([component.patches[0]!, [pieces]])
    expect((await opened.launch([half])).outcome).toBe('failed')
    await expectRefused(half, 'unsupported')
  })
})

test('What a newer app’s patch has registered is left to that app', async () => {
  opened = await openDatabase()
  const known = later(step('first', () => ['CREATE TABLE one (x)']))
  const newer = {
    statements: [customers],
    minReader: 'shop-0001',
    setUp: [step('second', () => ['CREATE TABLE two (x)'])],
  }
  await opened.migrate([shop([known.patches[0]!, newer])])
  expect(await setUp(known)).toMatchObject({ finished: ['shop-0001/first'], waiting: [] })
  expect(await setUp(shop([known.patches[0]!, newer]))).toMatchObject({ finished: ['shop-0002/second'] })
})

describe('The set-up of a file', () => {
  const open = async () => {
    const folder = mkdtempSync(join(tmpdir(), 'selfsame-set-up-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const driver = nodeDriver({ filename: join(folder, 'app.sqlite') })
    opened = await openDatabase(driver)
    return { driver, folder }
  }
  const component = later(
    step('first', () => ['CREATE TABLE one (x)']),
    step('second', () => ['CREATE TABLE two (x)'], { when: ({ two }) => two === true }),
  )

  test('makes a copy first, and none where there is nothing to do', async () => {
    const { folder } = await open()
    await opened.migrate([component], { backup: false })
    const { backup } = await setUp(component)
    const copy = await openDatabase(nodeDriver({ filename: backup ?? '' }))
    expect(await copy.list("SELECT name FROM sqlite_schema WHERE name = 'one'")).toEqual([])
    await copy.close()
    const before = readFileSync(join(folder, 'app.sqlite'))
    expect(await setUp(component)).toEqual({ finished: [], waiting: ['shop-0001/second'], backup: null })
    expect(readFileSync(join(folder, 'app.sqlite')).equals(before)).toBe(true)
  })

  test('waits for the launch lock, and says what it does', async () => {
    const { driver } = await open()
    await opened.migrate([component], { backup: false })
    const release = await driver.acquireLaunchLock({ timeoutMs: 1000 })
    const events: LaunchEvent[] = []
    const run = migrator(component).setUp(
      { two: true },
      {
        onEvent: (event) => {
          events.push(event)
          if (event.type === 'waiting') void release()
        },
      },
    )
    expect((await run).finished).toHaveLength(2)
    // How far the copy is, is told when it takes its time.
    const types = events.map(({ type }) => type).filter((type) => type !== 'backup-progress')
    expect(types).toEqual(['waiting', 'planned', 'backup', 'patch', 'patch', 'finished'])
  })
})

describe.each(engines)('A call of the set-up on %s', (engine) => {
  test('puts back what others have on a table that a step builds anew by hand', async () => {
    opened = await openDatabase(engine)
    const anew = ['CREATE TABLE n (id, item)', 'INSERT INTO n SELECT * FROM shop_orders', 'DROP TABLE shop_orders']
    const component = later(step('anew', () => [...anew, 'ALTER TABLE n RENAME TO shop_orders']))
    await opened.migrate([component])
    await opened.run('CREATE TRIGGER mine AFTER INSERT ON shop_orders BEGIN SELECT 1; END')
    await opened.run('CREATE INDEX mine_item ON shop_orders (item)')
    await setUp(component)
    expect(await objects()).toEqual(['mine', 'mine_item', 'shop_orders'])
  })

  test('is refused where a step takes somebody’s trigger along with its table', async () => {
    opened = await openDatabase(engine)
    const component = later(step('gone', () => ['DROP TABLE shop_orders']))
    await opened.migrate([component])
    await opened.run('CREATE TRIGGER mine AFTER INSERT ON shop_orders BEGIN SELECT 1; END')
    await expect(setUp(component)).rejects.toMatchObject({ code: 'patch-failed', details: { trigger: 'mine' } })
    expect(await objects()).toEqual(['mine', 'shop_orders'])
  })

  test('is not undone by a rollback that would take somebody’s trigger along with a table it made', async () => {
    opened = await openDatabase(engine)
    const revert = ['DROP TABLE shop_customers']
    const setUpSteps = [step('part', () => ['CREATE TABLE shop_part (x)'])]
    const component = shop([[orders], { statements: [customers], revert, setUp: setUpSteps }])
    await opened.migrate([component])
    await setUp(component)
    await opened.run('CREATE TRIGGER mine AFTER INSERT ON shop_part BEGIN SELECT 1; END')
    await expect(opened.rollback([component], 'shop-0001')).rejects.toMatchObject({ details: { trigger: 'mine' } })
    await opened.run('DROP TRIGGER mine', 'CREATE INDEX mine_x ON shop_part (x)')
    expect((await opened.rollback([component], 'shop-0001')).reverted).toEqual(['shop-0002'])
    expect(await objects()).toEqual(['shop_orders'])
  })

  test('waits with the patches that the app holds, as a launch does', async () => {
    opened = await openDatabase(engine)
    const first = { statements: [orders], setUp: [step('one', () => ['CREATE TABLE one (x)'])] }
    const component = shop([first, { statements: [customers], requires: ['gone-0001'] }])
    const options = { hold: ['shop-0002'] }
    await opened.migrate([component], options)
    expect(await new Migrator(opened, [component], options).setUp({})).toMatchObject({ finished: ['shop-0001/one'] })
  })
})
