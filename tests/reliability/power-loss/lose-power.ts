import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom } from '../../../src/testing/legacy/random.ts'
import { ImageChecker } from './check-image.ts'
import { WriteBackDisk, type CrashImage } from './crash-images.ts'
import { record, type JournalSettings } from './record.ts'

/** What came of the images of one run. */
export interface PowerLossFigures {
  /** Images checked, no two alike. */
  images: number
  corrupt: number
  /** Images without a commit that had been acknowledged. */
  lost: number
  notMigrated: number
  /** Different files that the engine was started on. */
  starts: number
  /** Moments at which the power was lost. */
  moments: number
  readonly details: string[]
}

/** Loses power again and again in one recorded run, until there are as many different images as asked. */
export async function losePower(settings: JournalSettings, wanted: number, seed: number): Promise<PowerLossFigures> {
  const { events, states, start } = await record(settings)
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'selfsame-power-loss-'))
  const checker = new ImageChecker(folder, states)
  const { below } = seededRandom(seed)
  const random = () => below(2 ** 30) / 2 ** 30
  const seen = new Set<string>()
  const figures: PowerLossFigures = {
    images: 0,
    corrupt: 0,
    lost: 0,
    notMigrated: 0,
    starts: 0,
    moments: events.length - start,
    details: [],
  }
  try {
    while (figures.images < wanted) {
      const before = figures.images
      const perMoment = Math.max(1, Math.ceil((wanted - figures.images) / figures.moments))
      const disk = new WriteBackDisk()
      let acknowledged = 0
      for (const [index, event] of events.entries()) {
        if (index === start) disk.syncAll()
        disk.apply(event)
        if (event.type === 'acknowledge') acknowledged = event.state
        if (index < start) continue
        for (let image = 0; image < perMoment && figures.images < wanted; image += 1) {
          await look(disk.lose(random), acknowledged, `after event ${index - start}`)
        }
      }
      if (figures.images === before) throw new Error(`There are no more than ${before} different images.`)
    }
    return { ...figures, starts: checker.starts }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }

  async function look(image: CrashImage, acknowledged: number, when: string): Promise<void> {
    // The same files with more acknowledged since are another case.
    const key = `${acknowledged} ${keyOf(image)}`
    if (seen.has(key)) return
    seen.add(key)
    figures.images += 1
    const { verdict, detail } = await checker.check(image, acknowledged)
    if (verdict === 'corrupt') figures.corrupt += 1
    else if (verdict === 'lost') figures.lost += 1
    else if (verdict === 'not migrated') figures.notMigrated += 1
    if (verdict !== 'sound' && figures.details.length < 10) figures.details.push(`${when}: ${verdict}, ${detail}`)
  }
}

function keyOf(image: CrashImage): string {
  const hash = createHash('sha1')
  for (const [name, bytes] of image) hash.update(`${name} ${bytes.length} `).update(bytes)
  return hash.digest('base64')
}
