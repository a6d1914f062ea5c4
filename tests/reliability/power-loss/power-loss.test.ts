import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { nodeDriver } from '../../../src/db/drivers/node/index.ts'
import { losePower, type PowerLossFigures } from './lose-power.ts'
import type { JournalSettings } from './record.ts'

/** In each of three modes. `SELFSAME_FULL=1` checks 100,000 in all, the usual run 5,000. */
const images = process.env['SELFSAME_FULL'] === '1' ? 33_334 : 1_667
const seed = Number(process.env['SELFSAME_SEED'] ?? 1)

function tell({ journal, synchronous }: JournalSettings, figures: PowerLossFigures, seconds: number): void {
  process.stdout.write(
    `${journal}, synchronous ${synchronous}: ${figures.images} images at ${figures.moments} moments, ${figures.corrupt} corrupt, ` +
      `${figures.lost} lost an acknowledged commit, ${figures.notMigrated} of ${figures.starts} different files not migrated, ` +
      `${Math.round(seconds)} s, seed ${seed}\n`,
  )
}

async function run(settings: JournalSettings, wanted: number): Promise<PowerLossFigures> {
  const started = performance.now()
  const figures = await losePower(settings, wanted, seed)
  tell(settings, figures, (performance.now() - started) / 1000)
  return figures
}

describe('a loss of power', () => {
  test.each(['DELETE', 'TRUNCATE', 'WAL'])(
    'is met with synchronous EXTRA by the node driver, in the mode it finds (%s)',
    async (mode) => {
      const folder = mkdtempSync(join(tmpdir(), 'selfsame-journal-'))
      const filename = join(folder, 'app.sqlite')
      const database = new DatabaseSync(filename)
      database.exec(`CREATE TABLE t (x); PRAGMA journal_mode = ${mode}`)
      const connection = await nodeDriver({ filename }).open()
      const results = await connection.run(
        ['PRAGMA synchronous', 'PRAGMA journal_mode'].map((text) => ({ text, params: [] })),
      )
      // A file keeps WAL; the other modes are each connection's own, and DELETE is what it begins with.
      expect(results.map(({ rows }) => rows[0]?.[0])).toEqual([3, mode === 'WAL' ? 'wal' : 'delete'])
      await connection.close()
      database.close()
      rmSync(folder, { recursive: true })
    },
  )

  test.each([
    // The node driver, on a file that is not in WAL mode.
    { journal: 'DELETE', synchronous: 'EXTRA' },
    // What phones use where they do not use WAL.
    { journal: 'TRUNCATE', synchronous: 'FULL' },
    // The web driver; and the node driver on a file in WAL mode, where EXTRA is FULL.
    { journal: 'WAL', synchronous: 'FULL' },
  ] as const)(
    'costs no acknowledged commit and damages nothing ($journal, synchronous $synchronous)',
    async (settings) => {
      const figures = await run(settings, images)
      expect(figures.details).toEqual([])
      expect(figures).toMatchObject({ images, corrupt: 0, lost: 0, notMigrated: 0 })
    },
    3_600_000,
  )
})

// A proof that cannot fail proves nothing: settings of which SQLite says that they do not keep the promise.
describe('the same images find', () => {
  test.each([
    { journal: 'DELETE', synchronous: 'OFF' },
    { journal: 'TRUNCATE', synchronous: 'OFF' },
  ] as const)(
    'damage with $journal and synchronous $synchronous',
    async (settings) => {
      expect((await run(settings, 500)).corrupt).toBeGreaterThan(0)
    },
    600_000,
  )

  test.each([
    { journal: 'WAL', synchronous: 'NORMAL' },
    // The journal's deletion, which is the commit, reaches the disk when the folder is synced: EXTRA does that, FULL does not.
    { journal: 'DELETE', synchronous: 'FULL' },
  ] as const)(
    'lost commits with $journal and synchronous $synchronous',
    async (settings) => {
      expect((await run(settings, 500)).lost).toBeGreaterThan(0)
    },
    600_000,
  )
})
