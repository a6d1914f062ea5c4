import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PlainPage } from './plain-page.ts'
import { addressSaid } from './plain-page.ts'

interface BidiAnswer {
  readonly id?: number
  readonly result?: unknown
  readonly message?: string
}

/** Opens a page in Firefox, through WebDriver BiDi: Playwright speaks to a Firefox of its own only. */
export async function openInFirefox(program: string, address: string): Promise<PlainPage> {
  const profile = mkdtempSync(join(tmpdir(), 'selfsame-firefox-'))
  const flags = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port=0', 'about:blank']
  const firefox = spawn(program, flags, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, HOME: profile } })
  const ended = new Promise((resolve) => firefox.once('exit', resolve))
  const close = async () => {
    firefox.kill('SIGTERM')
    await ended
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    const send = await connect(`${await addressSaid(firefox, /ws:\/\/\S+/)}/session`)
    await send('session.new', { capabilities: {} })
    const { contexts } = (await send('browsingContext.getTree', {})) as { contexts: { context: string }[] }
    const context = contexts[0]!.context
    await send('browsingContext.navigate', { context, url: address, wait: 'complete' })
    return {
      evaluate: async (expression) => {
        const answer = (await send('script.evaluate', {
          expression: `(async () => JSON.stringify(await (${expression})))()`,
          target: { context },
          awaitPromise: true,
        })) as { result?: { value: string }; exceptionDetails?: { text: string } }
        if (!answer.result) throw new Error(answer.exceptionDetails?.text)
        return JSON.parse(answer.result.value) as never
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function connect(address: string): Promise<(method: string, params: object) => Promise<unknown>> {
  const socket = new WebSocket(address)
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true })
    socket.addEventListener('error', () => reject(new Error(`Nobody answers at ${address}.`)), { once: true })
  })
  socket.addEventListener('message', ({ data }) => {
    const { id, result, message } = JSON.parse(String(data)) as BidiAnswer
    const asked = id === undefined ? undefined : waiting.get(id)
    if (result === undefined) asked?.reject(new Error(message))
    else asked?.resolve(result)
  })
  let last = 0
  return (method, params) => {
    const asked = Promise.withResolvers<unknown>()
    last += 1
    waiting.set(last, asked)
    socket.send(JSON.stringify({ id: last, method, params }))
    return asked.promise
  }
}
