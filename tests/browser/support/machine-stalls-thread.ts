import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parentPort } from 'node:worker_threads'

const tick = 10
const ticksPerWrite = 10
const folder = mkdtempSync(join(tmpdir(), 'selfsame-stalls-'))
const file = openSync(join(folder, 'page'), 'w')
const page = Buffer.alloc(4096, 1)
let longestTimer = 0
let longestFsync = 0
let ticks = 0
let last = performance.now()

const timer = setInterval(() => {
  longestTimer = Math.max(longestTimer, performance.now() - last - tick)
  ticks += 1
  if (ticks % ticksPerWrite === 0) {
    const started = performance.now()
    writeSync(file, page, 0, page.length, 0)
    fsyncSync(file)
    longestFsync = Math.max(longestFsync, performance.now() - started)
  }
  last = performance.now()
}, tick)

parentPort?.once('message', () => {
  clearInterval(timer)
  closeSync(file)
  rmSync(folder, { recursive: true })
  parentPort?.postMessage({ timer: Math.round(longestTimer), fsync: Math.round(longestFsync) })
})
