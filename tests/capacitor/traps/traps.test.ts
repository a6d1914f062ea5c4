import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { projectFolder } from '../../../scripts/entry-points.ts'
import { traps } from './traps.ts'

const program = fileURLToPath(new URL('run-one.ts', import.meta.url))
const cases = traps.flatMap((trap, number) => trap.platforms.map((platform) => ({ ...trap, number, platform })))
// One trap in about twenty by default: each is a process of its own, and an app with it.
const chosen = process.env['SELFSAME_FULL'] ? cases : cases.filter((_, index) => index % 20 === 8)

async function runOne(platform: string, number: number, ...without: string[]): Promise<string> {
  const options = ['--disable-warning=ExperimentalWarning', program, platform, String(number), ...without]
  return (await promisify(execFile)(process.execPath, options, { timeout: 60_000 })).stdout.trim()
}

describe('what the driver does about a trap', () => {
  test.each(traps)('$trap: is in the sources, and in the documentation', ({ trap, file, handling, test: name }) => {
    expect(readFileSync(`${projectFolder}src/${file}`, 'utf8')).toContain(handling)
    const page = readFileSync(`${projectFolder}docs/platforms/ios-android.md`, 'utf8')
    expect(page).toContain(`| ${trap} |`)
    expect(page).toContain(name)
  })

  test.each(chosen)(
    'is missed when it is taken out, on $platform: $trap',
    async ({ platform, number, trap, test: name }) => {
      expect(await runOne(platform, number)).toBe('passed')
      const outcome = await runOne(platform, number, 'without')
      process.stdout.write(`${platform} · ${trap} → ${name}\n    without: ${outcome.slice(0, 110)}\n`)
      expect(outcome).toMatch(/^failed: /)
    },
  )
})
