import { DatabaseSync } from 'node:sqlite'

const rows = 4000

/** Writes a database of about 4 MB, each of its rows marked with `mark`. */
export function writeBigDatabase(path: string, mark: string): void {
  const database = new DatabaseSync(path)
  database.exec('DROP TABLE IF EXISTS marked; BEGIN; CREATE TABLE marked (mark, filler)')
  const insert = database.prepare('INSERT INTO marked VALUES (?, ?)')
  for (let row = 0; row < rows; row += 1) insert.run(mark, 'x'.repeat(1000))
  database.exec('COMMIT')
  database.close()
}

/** Which marks the rows of a file have, how many rows there are, and whether SQLite finds the file sound. */
export function marksOf(path: string): { marks: unknown[]; whole: boolean; sound: boolean } {
  const database = new DatabaseSync(path)
  try {
    const marks = database
      .prepare('SELECT DISTINCT mark FROM marked')
      .all()
      .map(({ mark }) => mark)
    const whole = Number(database.prepare('SELECT count(*) AS n FROM marked').get()?.n) === rows
    const sound = database.prepare('PRAGMA integrity_check').get()?.integrity_check === 'ok'
    return { marks, whole, sound }
  } finally {
    database.close()
  }
}
