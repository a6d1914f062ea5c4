// The engine alone, as little as a page can put around it: one worker, one message for a commit, the same pragmas.
import init from '@sqlite.org/sqlite-wasm'

interface BareDatabase {
  exec(statement: string | { sql: string; bind: unknown[] }): unknown
}

let database: BareDatabase | undefined

globalThis.addEventListener(
  'message',
  async ({ data }: MessageEvent<{ open?: string; setUp?: string[]; n?: number }>) => {
    const started = performance.now()
    if (data.open !== undefined) {
      const sqlite = await (
        init as unknown as () => Promise<{
          installOpfsSAHPoolVfs(options: object): Promise<{ OpfsSAHPoolDb: new (name: string) => BareDatabase }>
        }>
      )()
      const pool = await sqlite.installOpfsSAHPoolVfs({ name: data.open, directory: data.open })
      database = new pool.OpfsSAHPoolDb('/bare')
      for (const text of data.setUp ?? []) database.exec(text)
    } else {
      database?.exec({ sql: 'UPDATE a SET n = n + 1 WHERE id = ?', bind: [data.n] })
    }
    globalThis.postMessage(performance.now() - started)
  },
)
