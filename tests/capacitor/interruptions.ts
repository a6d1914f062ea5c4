import { expect, test } from 'vitest'
import {
  dataFolder,
  interrupted,
  launchAndLook,
  launchUntil,
  legacyFolder,
  spread,
  startApp,
  databaseName,
} from './installed-app.ts'
import { driverFor } from './driver-for.ts'
import type { NativeHost } from './host.ts'

const timeout = 3_000_000
const never = Number.POSITIVE_INFINITY

/** A launch that migrates is interrupted at its crossings of the bridge, each of which is one statement or one set. */
export function interruptionsOn(host: NativeHost): void {
  const prepare = async () => {
    const pristine = await legacyFolder(host)
    const app = await startApp(host, dataFolder(pristine))
    const counting = interrupted(app, host, never, async () => undefined)
    await launchUntil(counting)
    const last = counting.crossings()
    await app.stop()
    const whole = await startApp(host, dataFolder(pristine))
    const { outcome, content } = await launchAndLook(driverFor(whole, host.platform, databaseName))
    await whole.stop()
    expect(outcome).toBe('usable')
    return { pristine, last, content }
  }

  test(`an app on ${host.platform} killed in its migration starts again with every row`, { timeout }, async () => {
    const { pristine, last, content } = await prepare()
    const points = spread(last, 4)
    const broken: string[] = []
    for (const point of points) {
      const folder = dataFolder(pristine)
      const app = await startApp(host, folder)
      await launchUntil(interrupted(app, host, point, () => app.kill()))
      const next = await startApp(host, folder)
      const after = await launchAndLook(driverFor(next, host.platform, databaseName))
      await next.stop()
      if (after.outcome !== 'usable') broken.push(`before crossing ${point}: ${after.outcome}`)
      else if (JSON.stringify(after.content) !== JSON.stringify(content))
        broken.push(`before crossing ${point}: other rows`)
    }
    process.stdout.write(
      `${host.platform}: killed before ${points.length} of ${last} crossings: ${broken.length} broken starts\n`,
    )
    expect(broken).toEqual([])
  })

  test(`a page on ${host.platform} loaded anew in its migration goes on with every row`, { timeout }, async () => {
    const { pristine, last, content } = await prepare()
    const points = spread(last, 4)
    const broken: string[] = []
    for (const point of points) {
      const app = await startApp(host, dataFolder(pristine))
      await launchUntil(interrupted(app, host, point, () => app.reload()))
      const after = await launchAndLook(driverFor(app, host.platform, databaseName))
      await app.stop()
      if (after.outcome !== 'usable') broken.push(`before crossing ${point}: ${after.outcome}`)
      else if (JSON.stringify(after.content) !== JSON.stringify(content))
        broken.push(`before crossing ${point}: other rows`)
    }
    process.stdout.write(
      `${host.platform}: reloaded before ${points.length} of ${last} crossings: ${broken.length} broken starts\n`,
    )
    expect(broken).toEqual([])
  })
}
