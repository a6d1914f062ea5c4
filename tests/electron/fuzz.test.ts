import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nodeDriver } from 'selfsame/node'
import { errorCatalogue } from '../../src/errors/codes.ts'
import { checkStatement } from '../../src/db/statement.ts'
import type { Answer } from '../../src/db/answer.ts'
import { namesBeside, temporaryPath } from '../db/drivers/temporary-path.ts'
import { desktopApp, pageAddress } from './stand-in/desktop-app.ts'

const count = 10_000
const page = 'f'.repeat(32)
const write = [{ text: 'INSERT INTO a VALUES (2)', params: [] }]
const good = { page, database: 'app', name: 'run', values: ['c', write, {}] as unknown[] }
const top = { url: pageAddress, parent: null }

interface Attack {
  readonly message: unknown
  readonly frame: typeof top | { url: string; parent: null | typeof top } | null
}

const cyclic: Record<string, unknown> = { text: 'INSERT INTO a VALUES (2)' }
cyclic['params'] = cyclic
const cyclicArray: unknown[] = []
cyclicArray.push(cyclicArray)
const ownPrototype = (value: object) =>
  JSON.parse(JSON.stringify(value).replace('{', '{"__proto__":{"a":1},')) as object
const withField = (array: unknown[]) => Object.assign([...array], { extra: 1 })

const junk = fc.oneof(
  { maxDepth: 4 },
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withSparseArray: true,
  }),
  fc.constantFrom<unknown>(
    cyclic,
    cyclicArray,
    new Map([['text', 'x']]),
    new Error('x'),
    /x/,
    Array.from({ length: 20_000 }, () => 1),
    // oxlint-disable-next-line unicorn/no-new-array
    new Array(2 ** 31),
    'x'.repeat(5000),
    new Uint8Array(100_000),
    Number.NaN,
    Infinity,
  ),
)

const badValue = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    Number.NaN,
    Infinity,
    true,
    cyclic,
    cyclicArray,
    new Date(0),
    2n ** 64n,
    '\udfff',
    [1],
  ),
  fc.dictionary(fc.string(), fc.integer()),
)
const badStatement = fc.oneof(
  junk,
  badValue.map((value) => ({ text: 'INSERT INTO a VALUES (?)', params: [value] })),
  fc.string().map((text) => ({ text: `ATTACH '${text.replaceAll("'", '')}' AS b`, params: [] })),
  fc.constantFrom<unknown>(
    ownPrototype({ text: 'INSERT INTO a VALUES (2)', params: [] }),
    { text: 'INSERT INTO a VALUES (2)', params: [], constructor: 1 },
    { text: 'INSERT INTO a VALUES (2)' },
    { text: 'INSERT INTO a VALUES (2); DELETE FROM a', params: [] },
    { text: 'PRAGMA journal_mode = OFF', params: [] },
    { text: `VACUUM INTO 'x'`, params: [] },
    { text: 'COMMIT', params: [] },
    { text: '', params: [] },
    { text: 'INSERT INTO a VALUES (2)\0', params: [] },
    { text: 'INSERT INTO a VALUES (2)', params: withField([]) },
    // oxlint-disable-next-line unicorn/no-new-array
    { text: 'INSERT INTO a VALUES (2)', params: new Array(3) },
  ),
)
const attack: fc.Arbitrary<Attack> = fc.oneof(
  junk.map((message) => ({ message, frame: top })),
  fc
    .tuple(fc.constantFrom('page', 'database', 'name', 'values'), junk)
    .map(([field, value]) => ({ message: { ...good, [field]: value }, frame: top })),
  fc.tuple(fc.string(), junk).map(([field, value]) => ({ message: { ...good, [`x${field}`]: value }, frame: top })),
  fc
    .constantFrom('page', 'database', 'name', 'values')
    .map((field) => ({ message: { ...good, [field]: undefined }, frame: top })),
  fc
    .constantFrom('__proto__', 'constructor', 'hasOwnProperty', 'toString', 'call', 'handle', 'Run', 'run ')
    .map((name) => ({ message: { ...good, name }, frame: top })),
  fc
    .constantFrom('other', 'App', '../app', 'app.sqlite', '__proto__', 'constructor', '')
    .map((database) => ({ message: { ...good, database }, frame: top })),
  fc.constant({ message: ownPrototype(good), frame: top }),
  badStatement.map((statement) => ({ message: { ...good, values: ['c', [write[0], statement], {}] }, frame: top })),
  junk.map((options) => ({ message: { ...good, values: ['c', write, { transaction: options }] }, frame: top })),
  fc
    .array(junk, { maxLength: 5 })
    .map((values) => ({ message: { ...good, values: ['c', write, {}, ...values] }, frame: top })),
  fc
    .constantFrom(
      'runInSession',
      'release',
      'export',
      'reserve',
      'writeCopy',
      'restoreCopy',
      'removeCopy',
      'lock',
      'close',
    )
    .chain((name) =>
      fc
        .array(junk, { minLength: 1, maxLength: 3 })
        .map((values) => ({ message: { ...good, name, values }, frame: top })),
    ),
  fc
    .oneof(
      fc.webUrl(),
      fc.constantFrom('app://other/', 'app://selfsame.evil/', 'file:///index.html', 'about:blank', 'null', ''),
    )
    .map((url) => ({ message: good, frame: { url, parent: null } })),
  fc.constantFrom(null, { url: pageAddress, parent: top }).map((frame) => ({ message: good, frame })),
)

/** The few that are no attack after all: what a junk value happened to be is what the call takes. */
function isAllowed({ message, frame }: Attack): boolean {
  const { database, name, values } = (message ?? {}) as Partial<typeof good>
  if (frame !== top || database !== 'app' || !Array.isArray(values)) return false
  // An id that nobody has is released, closed and let go without a word, as one that was before.
  if (['release', 'close', 'unlock'].includes(name as string))
    return values.length === 1 && typeof values[0] === 'string'
  const options = values[2] as { transaction?: unknown } | undefined
  return (
    name === 'run' &&
    values.length === 3 &&
    (typeof options?.transaction === 'boolean' ||
      (options !== undefined &&
        typeof options === 'object' &&
        Object.keys(options).every((key) => key === 'transaction') &&
        options.transaction === undefined &&
        values[1] === write))
  )
}

test(
  `${count} fuzzed messages: each refused with a code, main alive, nothing written`,
  { timeout: 600_000 },
  async () => {
    const file = temporaryPath('app.sqlite')
    const app = desktopApp(nodeDriver({ filename: file }))
    const { window } = app.openWindow()
    const send = async ({ message, frame }: Attack) =>
      (await window.invokeAs(frame, 'selfsame:database', message)) as Answer
    expect(await send({ message: { ...good, name: 'open', values: ['c', {}] }, frame: top })).toHaveProperty('value')
    const setUp = checkStatement({ text: 'CREATE TABLE a (n)' })
    expect(await send({ message: { ...good, values: ['c', [setUp], {}] }, frame: top })).toHaveProperty('value')
    const hash = (path: string) =>
      existsSync(path) ? createHash('sha256').update(readFileSync(path)).digest('hex') : null
    const state = () => [hash(file), hash(`${file}-wal`), namesBeside(file)]
    const before = state()

    // Some cannot be cloned, and do not leave the window: enough are made that the door sees as many as it should.
    const attacks = fc.sample(
      attack.filter((each) => !isAllowed(each)),
      { numRuns: 2 * count, seed: 20_261_120 },
    )
    const codes = new Map<string, number>()
    const letIn: unknown[] = []
    let refused = 0
    for (const each of attacks) {
      if (refused === count) break
      let answered: Answer
      try {
        answered = await send(each)
      } catch (error) {
        if ((error as Error).name !== 'DataCloneError') throw error
        continue
      }
      if ('value' in answered) {
        letIn.push(each)
        continue
      }
      expect(Object.keys(errorCatalogue)).toContain(answered.error.code)
      codes.set(answered.error.code, (codes.get(answered.error.code) ?? 0) + 1)
      refused += 1
    }
    expect(refused).toBe(count)
    expect(letIn).toEqual([])
    expect(state()).toEqual(before)
    expect(
      await send({
        message: { ...good, values: ['c', [checkStatement({ text: 'SELECT count(*) FROM a' })], {}] },
        frame: top,
      }),
    ).toMatchObject({ value: [{ rows: [[0]] }] })
    await app.close()
    process.stdout.write(
      `${refused} fuzzed messages refused (${[...codes].map(([code, times]) => `${code} ${times}`).join(', ')}); main alive, 0 bytes written\n`,
    )
  },
)
