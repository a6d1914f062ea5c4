import type { Queryable } from '../../database.ts'
import { restoring } from './restoring.ts'

/** Runs `body` while a switch of the connection is on, and puts it back as it was: a rollback would not. */
export async function withPragma<T>(tx: Queryable, pragma: string, body: () => Promise<T>): Promise<T> {
  const before = await tx.queryOne({ text: `PRAGMA ${pragma}` })
  const set = (on: boolean) => tx.query({ text: `PRAGMA ${pragma} = ${on ? 'ON' : 'OFF'}` })
  return restoring(
    async () => {
      await set(true)
      return body()
    },
    async () => void (await set(before?.[pragma] === 1)),
  )
}
