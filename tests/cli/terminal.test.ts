import { describe, expect, test } from 'vitest'
import { toJson } from '../../src/cli/json.ts'
import { shellQuote } from '../../src/cli/shell-quote.ts'
import { count, formatBytes, formatDuration } from '../../src/cli/terminal/amounts.ts'
import { launchProgress } from '../../src/cli/terminal/launch-progress.ts'
import { progressBar } from '../../src/cli/terminal/progress-bar.ts'
import { createTerminal } from '../../src/cli/terminal/terminal.ts'

function recorded(options: { json?: boolean; isTTY?: boolean; colours?: boolean } = {}) {
  const written = { stdout: '', stderr: '' }
  const stream = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      written[name] += text
      return true
    },
    ...(options.isTTY ? { isTTY: true, columns: 80, hasColors: () => options.colours ?? true } : {}),
  })
  const streams = { stdout: stream('stdout'), stderr: stream('stderr') }
  return { written, terminal: createTerminal(streams, { json: options.json ?? false }) }
}

function runLaunch(terminal: ReturnType<typeof recorded>['terminal']): void {
  const { listener } = launchProgress(terminal)
  listener({ type: 'planned', patches: ['shop-0001'], held: [] })
  listener({ type: 'backup', location: '/backups/app.sqlite', bytes: 4096 })
  listener({ type: 'patch', patch: 'shop-0001', index: 1, total: 1, elapsedMs: 10 })
  listener({ type: 'progress', patch: 'shop-0001', done: 1, total: 2, elapsedMs: 20 })
  listener({ type: 'statement', patch: 'shop-0001', index: 1, total: 2, rows: 1500, elapsedMs: 30 })
  listener({ type: 'finished', outcome: 'migrated', elapsedMs: 2110 })
}

// eslint-disable-next-line no-control-regex
const escapes = /\u001B/

describe('progress of a launch', () => {
  test('off a terminal: one line for each thing, no bar, no colour', () => {
    const { written, terminal } = recorded()
    runLaunch(terminal)
    expect(written).toEqual({
      stdout: '',
      stderr: 'To apply: shop-0001\nBackup: /backups/app.sqlite (4.1 kB)\n1/1 shop-0001  done, 1,500 rows, 2.1 s\n',
    })
  })

  test('on a terminal: a bar that the finished line replaces', () => {
    const { written, terminal } = recorded({ isTTY: true })
    runLaunch(terminal)
    expect(written.stderr).toContain('[####################--------------------]  50%')
    expect(written.stderr).toMatch(escapes)
    expect(written.stderr.endsWith(', 1,500 rows, 2.1 s\n')).toBe(true)
    expect(written.stdout).toBe('')
  })

  test('on a terminal without colours: a bar, and no colour', () => {
    const { written, terminal } = recorded({ isTTY: true, colours: false })
    runLaunch(terminal)
    expect(written.stderr).toContain('50%')
    expect(written.stderr.replaceAll('\r\u001B[2K', '')).not.toMatch(escapes)
  })

  test('with --json: nothing at all', () => {
    const { written, terminal } = recorded({ isTTY: true, json: true })
    runLaunch(terminal)
    expect(written).toEqual({ stdout: '', stderr: '' })
  })

  test('says that a patch failed when the launch did', () => {
    const { written, terminal } = recorded()
    const { listener } = launchProgress(terminal)
    listener({ type: 'patch', patch: 'shop-0001', index: 1, total: 1, elapsedMs: 10 })
    listener({ type: 'finished', outcome: 'failed', elapsedMs: 20 })
    expect(written.stderr).toContain('shop-0001  failed')
  })
})

describe('amounts', () => {
  test('count their nouns', () => {
    expect([count(0, 'row'), count(1, 'row'), count(1234, 'row')]).toEqual(['0 rows', '1 row', '1,234 rows'])
  })

  test('have units', () => {
    expect([formatBytes(999), formatBytes(1000), formatBytes(5_250_000)]).toEqual(['999 bytes', '1.0 kB', '5.3 MB'])
    expect([formatDuration(12.4), formatDuration(2100)]).toEqual(['12 ms', '2.1 s'])
  })

  test('fill a bar from nothing to all, and never beyond', () => {
    expect(progressBar(0, 10, 4)).toBe('[----]   0%')
    expect(progressBar(10, 10, 4)).toBe('[####] 100%')
    expect(progressBar(11, 10, 4)).toBe('[####] 100%')
    expect(progressBar(1500, null, 4)).toBe('1,500 done')
  })
})

describe('JSON', () => {
  test('writes integers beyond 2^53 as text and bytes as base64', () => {
    expect(toJson({ small: 5n, large: 2n ** 53n + 1n, bytes: new Uint8Array([1, 2]) })).toBe(
      '{"small":5,"large":"9007199254740993","bytes":{"base64":"AQI="}}',
    )
  })
})

describe('words for a shell', () => {
  test.each([
    ['app.sqlite', 'app.sqlite'],
    ['two words', "'two words'"],
    ["it's", `'it'\\''s'`],
    ['$(rm -rf)', "'$(rm -rf)'"],
    ['', "''"],
  ])('%s', (word, quoted) => {
    expect(shellQuote(word)).toBe(quoted)
  })
})
