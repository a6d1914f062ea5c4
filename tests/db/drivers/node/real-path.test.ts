import { lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { nodeCopies, nodeDriver } from 'selfsame/node'
import { namesBeside, temporaryPath } from '../temporary-path.ts'
import { marksOf, writeBigDatabase } from './big-database.ts'
import { query, write } from '../run-text.ts'

const linkTo = (target: string, type?: 'dir') => {
  const link = temporaryPath('link')
  symlinkSync(target, link, type)
  return link
}

test.each(['the file', 'its folder', 'a file that is yet to be made'])(
  'a link to %s has the launch lock of the database',
  async (what) => {
    const filename = temporaryPath('app.sqlite')
    if (what === 'the file') writeBigDatabase(filename, 'old')
    const linked = what === 'its folder' ? join(linkTo(dirname(filename), 'dir'), 'app.sqlite') : linkTo(filename)
    const release = await nodeDriver({ filename }).acquireLaunchLock({ timeoutMs: 0 })
    const other = nodeDriver({ filename: linked })
    await expect(other.acquireLaunchLock({ timeoutMs: 0 })).rejects.toMatchObject({ code: 'locked' })
    await release()
    await (
      await other.acquireLaunchLock({ timeoutMs: 0 })
    )()
  },
)

test('a database that is made through a link is made where the link leads', async () => {
  const filename = temporaryPath('app.sqlite')
  const connection = await nodeDriver({ filename: linkTo(filename) }).open()
  await write(connection, 'CREATE TABLE a (n)')
  await connection.close()
  const direct = await nodeDriver({ filename, create: false }).open()
  expect(await query(direct, 'SELECT name FROM sqlite_schema')).toEqual([['a']])
  await direct.close()
})

test('restored through a link, a damaged database is replaced, and not the link', async () => {
  const filename = temporaryPath('app.sqlite')
  writeBigDatabase(filename, 'old')
  const { location } = await nodeCopies(filename).write({})
  writeFileSync(filename, 'no database any more')
  const link = linkTo(filename)
  expect((await nodeCopies(link).list({})).map((copy) => copy.location)).toEqual([location])
  await nodeCopies(link).restore(location)
  expect(lstatSync(link).isSymbolicLink()).toBe(true)
  expect(marksOf(filename)).toEqual({ marks: ['old'], whole: true, sound: true })
})

test('two databases with one name and one folder for their copies have each their own', async () => {
  const [one, other] = [temporaryPath('app.sqlite'), temporaryPath('app.sqlite')]
  const directory = join(dirname(temporaryPath('x')), 'copies')
  mkdirSync(directory)
  for (const [filename, mark] of [
    [one, 'one'],
    [other, 'other'],
  ] as const) {
    writeBigDatabase(filename, mark)
    await nodeCopies(filename).write({ directory })
  }
  for (const [filename, mark] of [
    [one, 'one'],
    [other, 'other'],
  ] as const) {
    const found = await nodeCopies(filename).list({ directory })
    expect(found.map(({ location }) => marksOf(location).marks)).toEqual([[mark]])
  }
  expect(namesBeside(join(directory, 'any'))).toHaveLength(2)
  rmSync(directory, { recursive: true })
})

test('the folder of the database, named, is no other folder for its copies', async () => {
  const filename = temporaryPath('app.sqlite')
  writeBigDatabase(filename, 'old')
  const { location } = await nodeCopies(filename).write({ directory: dirname(filename) })
  expect(basename(location)).toMatch(/^app\.sqlite\.selfsame-backup-\d{8}T/)
  expect((await nodeCopies(filename).list({})).map((copy) => copy.location)).toEqual([location])
})
