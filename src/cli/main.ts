#!/usr/bin/env node
import { runCommandLine } from './run-command-line.ts'

function untilInterrupted(): AbortSignal {
  const cancel = new AbortController()
  // Once: the second Ctrl-C ends the process, which loses nothing either.
  process.once('SIGINT', () => {
    process.stderr.write('\nStopping at the next safe point. Ctrl-C again ends at once.\n')
    cancel.abort()
  })
  return cancel.signal
}

process.exitCode = await runCommandLine(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  untilInterrupted,
})
