import { describe, expect, test, vi } from 'vitest'
import { createAsyncContext } from '../../src/db/async-context.ts'
import { ChangeFeed, type ChangeListener } from '../../src/db/change-feed.ts'
import { checkParameterCount, parameterPlaces } from '../../src/db/parameters.ts'
import { firstRow, toRows } from '../../src/db/rows.ts'
import { structuralDamage } from '../../src/db/structural-damage.ts'
import { transactionControl } from '../../src/db/transaction-control.ts'

describe('the change feed', () => {
  test('one function registered twice is called twice, and each is stopped by itself', () => {
    const feed = new ChangeFeed()
    const listener = vi.fn<ChangeListener>()
    const stop = feed.listen(listener)
    feed.listen(listener)
    feed.emit(['a'])
    stop()
    feed.emit(['b'])
    expect(listener.mock.calls).toEqual([[{ tables: ['a'] }], [{ tables: ['a'] }], [{ tables: ['b'] }]])
  })

  test('a listener that throws stops no other, and its error comes up by itself', async () => {
    const feed = new ChangeFeed()
    const heard = vi.fn<ChangeListener>()
    const fault = new Error('of the listener')
    const surfaced = new Promise((resolve) => {
      vi.spyOn(globalThis, 'queueMicrotask').mockImplementationOnce((work) => {
        try {
          work()
        } catch (error) {
          resolve(error)
        }
      })
    })
    feed.listen(() => {
      throw fault
    })
    feed.listen(heard)
    feed.emit(['a'])
    expect(heard).toHaveBeenCalledOnce()
    expect(await surfaced).toBe(fault)
  })

  test('one that stops another while both are called does not disturb the round', () => {
    const feed = new ChangeFeed()
    const heard = vi.fn<ChangeListener>()
    const stop: (() => void)[] = []
    feed.listen(() => stop[0]?.())
    stop.push(feed.listen(heard))
    feed.emit(['a'])
    feed.emit(['b'])
    expect(heard).toHaveBeenCalledTimes(1)
  })

  test('after its end nobody hears anything', () => {
    const feed = new ChangeFeed()
    const heard = vi.fn<ChangeListener>()
    feed.listen(heard)
    feed.end()
    feed.emit(['a'])
    expect(heard).not.toHaveBeenCalled()
  })
})

describe('rows', () => {
  test('of two columns of one name the last value is kept, and a missing one is null', () => {
    const result = { columns: ['a', 'a', 'b'], rows: [[1, 2]], changes: 0, tables: [] }
    expect(toRows(result)).toEqual([{ a: 2, b: null }])
  })

  test('a column called __proto__ sets no prototype', () => {
    const row = firstRow({ columns: ['__proto__'], rows: [[null]], changes: 0, tables: [] })
    expect(Object.keys(row ?? {})).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype)
  })

  test('of no rows there is no first', () => {
    expect(firstRow({ columns: ['a'], rows: [], changes: 0, tables: [] })).toBeUndefined()
  })
})

describe('transaction control', () => {
  test.each([
    ['begin', 'BEGIN'],
    ['begin', '  begin IMMEDIATE transaction'],
    ['commit', '-- a comment\nCOMMIT'],
    ['commit', 'END TRANSACTION'],
    ['rollback', 'ROLLBACK'],
    ['rollback', 'rollback transaction'],
    ['rollback-to', 'ROLLBACK TO a'],
    ['rollback-to', 'ROLLBACK TRANSACTION TO SAVEPOINT a'],
    ['savepoint', 'SAVEPOINT a'],
    ['release', 'RELEASE a'],
    [undefined, 'SELECT 1'],
    [undefined, 'CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END'],
    [undefined, 'EXPLAIN COMMIT'],
    [undefined, '"BEGIN"'],
  ])('%s: %s', (control, text) => {
    expect(transactionControl(text)).toBe(control)
    expect(transactionControl(text)).toBe(control)
  })
})

describe('parameters', () => {
  test('places are numbered as SQLite does', () => {
    expect(parameterPlaces('SELECT ?, ?5, ?, ?2').map(({ value }) => value)).toEqual([0, 4, 5, 1])
  })

  test('the number of values is that of the highest place', () => {
    expect(() => checkParameterCount({ text: 'SELECT ?3', params: [1, 2, 3] })).not.toThrow()
    expect(() => checkParameterCount({ text: 'SELECT ?3', params: [1] })).toThrow(
      expect.objectContaining({ code: 'invalid-value', details: { expected: 3, given: 1 } }),
    )
  })

  test('a named place is unsupported', () => {
    expect(() => parameterPlaces('SELECT :name')).toThrow(expect.objectContaining({ code: 'unsupported' }))
  })
})

test('what quick_check says of rows is not damage', () => {
  const lines = [
    'ok',
    'NULL value in a.n',
    'CHECK constraint failed in a',
    'TEXT value in a.n',
    'non-INT value in a.n',
    'row 5 missing from index by_n',
    'Tree 2 page 10: btreeInitPage() returns error code 11',
  ]
  expect(structuralDamage(lines)).toEqual(lines.slice(5))
})

describe('the context of a call', () => {
  test('where the host has one it follows every await', async () => {
    const context = createAsyncContext<string>()
    const seen = await context.run('a', async () => {
      await new Promise((resolve) => setTimeout(resolve, 1))
      return [context.current(), context.exit(() => context.current()), context.current()]
    })
    expect([seen, context.current()]).toEqual([['a', undefined, 'a'], undefined])
  })

  test('elsewhere it is known until the first await, and never leaks', async () => {
    const spy = vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never)
    const context = createAsyncContext<string>()
    spy.mockRestore()
    const seen: unknown[] = []
    const run = context.run('a', async () => {
      seen.push(
        context.current(),
        context.exit(() => context.current()),
        context.current(),
      )
      await Promise.resolve()
      seen.push(context.current())
    })
    seen.push(context.current())
    await run
    expect(seen).toEqual(['a', undefined, 'a', undefined, undefined])
    const fault = () => {
      throw new Error('no')
    }
    expect(() => context.run('b', fault)).toThrow('no')
    expect(context.current()).toBeUndefined()
  })
})
