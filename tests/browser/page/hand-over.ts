import { webDriver, type StorageKind } from 'selfsame/web'

/** What became of writes that were under way while their owner closed. */
export interface HandOvers {
  readonly asked: number
  readonly rows: number
  /** Acknowledged, and not there. */
  readonly lost: readonly number[]
  readonly doubled: readonly unknown[]
  /** The codes of the writes that failed. */
  readonly outcomes: readonly string[]
}

/** Closes one owner after the other, while the next one has three writes under way. */
export async function handOver(storage: StorageKind, rounds: number): Promise<HandOvers> {
  const open = () => webDriver({ name: 'handed-over', storage: [storage], persist: false }).open()
  const outcomes: string[] = []
  const acknowledged: number[] = []
  let asked = 0
  let owner = await open()
  await owner.run([{ text: 'CREATE TABLE a (n)', params: [] }])
  for (let round = 0; round < rounds; round += 1) {
    const other = await open()
    const writes = Array.from({ length: 3 }, async () => {
      const n = (asked += 1)
      try {
        await other.run([{ text: 'INSERT INTO a VALUES (?)', params: [n] }])
        acknowledged.push(n)
      } catch (error) {
        outcomes.push((error as { code: string }).code)
      }
    })
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 4))
    await owner.close()
    await Promise.all(writes)
    owner = other
  }
  const [counts] = await owner.run([{ text: 'SELECT n, count(*) FROM a GROUP BY n', params: [] }])
  await owner.close()
  const there = new Map(counts?.rows.map(([n, count]) => [n, count]))
  return {
    asked,
    rows: there.size,
    lost: acknowledged.filter((n) => !there.has(n)),
    doubled: [...there].filter(([, count]) => count !== 1).map(([n]) => n),
    outcomes,
  }
}
