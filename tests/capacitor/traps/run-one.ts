import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { projectFolder, sourceEntryPoints } from '../../../scripts/entry-points.ts'
import type { NativeHost } from '../host.ts'
import { traps } from './traps.ts'

// node run-one.ts PLATFORM TRAP [without]: runs the trap's test in one app, and says how it ended. With «without» the sources
// are read with the trap's handling taken out.
const [platform, number, without] = process.argv.slice(2)
const trap = traps[Number(number)]
if (!trap) throw new Error(`There is no trap ${number}.`)
const entryPoints = new Map(sourceEntryPoints().map(({ name, source }) => [name, pathToFileURL(source).href]))
const changed = pathToFileURL(join(projectFolder, 'src', trap.file)).href

registerHooks({
  resolve: (specifier, context, next) => next(entryPoints.get(specifier) ?? specifier, context),
  load: (url, context, next) => {
    if (url !== changed || without === undefined) return next(url, context)
    const source = readFileSync(new URL(url), 'utf8')
    if (!source.includes(trap.handling)) throw new Error(`The handling is no longer in ${trap.file}.`)
    return { ...next(url, context), source: source.replace(trap.handling, () => trap.without) }
  },
})

const { driverConformance } = await import('../../../src/testing/index.ts')
const { allPageTests } = await import('../all-page-tests.ts')
const { driverFor } = await import('../driver-for.ts')
const host: NativeHost =
  platform === 'ios'
    ? (await import('../../ios-host/ios-host.ts')).iosHost({
        settings: { iosIsEncryption: true, iosKeychainPrefix: 'selfsame' },
      })
    : (await import('../../android-host/android-host.ts')).androidHost({ settings: { androidIsEncryption: true } })
const folder = mkdtempSync(join(tmpdir(), 'selfsame-trap-'))
const app = await host.start(folder)
const ofPage = allPageTests.find(({ name }) => name === trap.test)
const ofDriver = driverConformance.find(({ name }) => name === trap.test)
if (!ofPage && !ofDriver) throw new Error(`There is no test called ${trap.test}.`)
const running = ofPage
  ? ofPage.run(app, host.platform, 'app')
  : (ofDriver?.run(driverFor(app, host.platform, 'app')) ?? Promise.resolve())
const tooLong = new Promise((_, reject) => {
  setTimeout(() => reject(new Error('It did not end.')), 8000)
})
const outcome = await Promise.race([running, tooLong]).then(
  () => 'passed',
  (error: unknown) => `failed: ${String(error).split('\n')[0]}`,
)
process.stdout.write(`${outcome}\n`)
await app.kill()
rmSync(folder, { recursive: true, force: true })
process.exit()
