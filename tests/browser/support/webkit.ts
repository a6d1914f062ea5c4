import { spawn } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { WebKit } from '../../../scripts/other-browsers.ts'
import type { PlainPage } from './plain-page.ts'

/** Opens a page in WebKitGTK's small browser, through its WebDriver, on a display that nobody sees. */
export async function openInWebKit({ driver, browser, display }: WebKit, address: string): Promise<PlainPage> {
  const screen = spawn(display, ['-displayfd', '1', '-screen', '0', '800x600x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const number = await new Promise<string>((resolve, reject) => {
    screen.once('error', reject)
    screen.stdout.setEncoding('utf8').once('data', (text: string) => resolve(text.trim()))
  })
  const port = await freePort()
  const server = spawn(driver, ['--host=127.0.0.1', `--port=${port}`], {
    stdio: 'ignore',
    env: { ...process.env, DISPLAY: `:${number}`, GDK_BACKEND: 'x11', LIBGL_ALWAYS_SOFTWARE: '1' },
  })
  const send = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    })
    const { value } = (await response.json()) as { value: unknown }
    if (!response.ok) throw new Error(JSON.stringify(value))
    return value
  }
  let session = ''
  const close = async () => {
    if (session) await send('DELETE', session).catch(() => undefined)
    const ended = [server, screen].map((each) => new Promise((resolve) => each.once('exit', resolve)))
    for (const each of [server, screen]) each.kill('SIGTERM')
    await Promise.all(ended)
  }
  try {
    await untilAnswering(() => send('GET', '/status'))
    const capabilities = {
      alwaysMatch: { 'webkitgtk:browserOptions': { binary: browser, args: ['--automation'] } },
    }
    const started = (await send('POST', '/session', { capabilities })) as { sessionId: string }
    session = `/session/${started.sessionId}`
    await send('POST', `${session}/timeouts`, { script: 600_000 })
    await send('POST', `${session}/url`, { url: address })
    return {
      evaluate: async (expression) => {
        const script = `const done = arguments[0]; (async () => JSON.stringify({ value: await (${expression}) }))()
          .catch((error) => JSON.stringify({ error: String(error) })).then(done)`
        const text = (await send('POST', `${session}/execute/async`, { script, args: [] })) as string
        const { value, error } = JSON.parse(text) as { value?: never; error?: string }
        if (error !== undefined) throw new Error(error)
        return value as never
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function untilAnswering(ask: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await ask()
      return
    } catch (error) {
      if (tries === 100) throw error
      await sleep(100)
    }
  }
}

/** The driver cannot choose one by itself. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
