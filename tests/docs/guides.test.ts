import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const guides = join(root, 'docs/guides')

interface Fence {
  readonly language: string
  readonly attributes: string
  readonly text: string
}

function fencesOf(file: string): Fence[] {
  const text = readFileSync(join(guides, file), 'utf8')
  return [...text.matchAll(/^```(\w+)[ \t]*([^\n]*)\n([\s\S]*?)^```$/gm)].map(
    ([, language = '', attributes = '', body = '']) => ({
      language,
      attributes,
      text: body,
    }),
  )
}

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'selfsame-guides-'))
  const command = join(folder, 'bin/selfsame')
  mkdirSync(dirname(command))
  const main = join(root, 'src/cli/main.ts')
  writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" --disable-warning=ExperimentalWarning "${main}" "$@"\n`)
  chmodSync(command, 0o755)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(readdirSync(guides))('the guide %s', (file) => {
  it('says commands that do what it says', () => {
    const place = join(folder, file)
    mkdirSync(place)
    let commands = 0
    for (const { language, attributes, text } of fencesOf(file)) {
      const target = /file=(\S+)/.exec(attributes)?.[1]
      if (target) {
        mkdirSync(dirname(join(place, target)), { recursive: true })
        writeFileSync(join(place, target), text)
      }
      if (language !== 'sh') continue
      for (const line of text.trim().split('\n')) {
        const path = `${join(folder, 'bin')}:${process.env.PATH}`
        const { status, stdout, stderr } = spawnSync('sh', ['-c', line], {
          cwd: place,
          env: { ...process.env, PATH: path },
          encoding: 'utf8',
        })
        const expected = Number(/exit=(\d+)/.exec(attributes)?.[1] ?? 0)
        expect({ line, status, output: status === expected ? '' : stdout + stderr }).toEqual({
          line,
          status: expected,
          output: '',
        })
        commands += 1
      }
    }
    expect(commands).toBeGreaterThan(0)
  })
})
