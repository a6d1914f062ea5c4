#!/usr/bin/env node
import { runCommandLine } from './run-command-line.ts'

const cancel = new AbortController()
// The first Ctrl-C asks for a stop at the next safe point. The second ends the process at once, which loses nothing either.
process.once('SIGINT', () => cancel.abort())

process.exitCode = await runCommandLine(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  signal: cancel.signal,
})
