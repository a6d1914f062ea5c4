import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { legacyFile, readAll, selfsame, temporaryFolder } from './run-selfsame.ts'

/** Kills a process in the middle of a transaction that is partly in the file already. */
function leaveHalfDone(file: string): void {
  const script = `
    const { DatabaseSync } = require('node:sqlite')
    const database = new DatabaseSync(process.argv[1])
    database.exec('PRAGMA cache_size = 5; BEGIN IMMEDIATE; UPDATE contacts SET name = name || hex(randomblob(3000))')
    process.kill(process.pid, 'SIGKILL')`
  const { signal } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', '-e', script, file])
  expect(signal).toBe('SIGKILL')
  expect(existsSync(`${file}-journal`)).toBe(true)
}

test.each(['status', 'plan', 'verify', 'duplicates', 'backup', 'migrate'])(
  '%s works on a file that a killed process left half written, and finds what was committed',
  async (command) => {
    const file = legacyFile(temporaryFolder(), { contacts: 200 })
    const before = readAll(file, 'SELECT * FROM contacts')
    leaveHalfDone(file)
    const run = await selfsame(command, file, '--json')
    expect(run.status).toBe(0)
    expect(readAll(file, 'SELECT * FROM contacts')).toEqual(before)
  },
)
