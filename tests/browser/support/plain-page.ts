import type { ChildProcess } from 'node:child_process'

/** A page in a browser that Playwright does not drive. */
export interface PlainPage {
  /** The value of an expression in the page, or of the promise that it gives, by way of JSON. */
  evaluate<T>(expression: string): Promise<T>
  close(): Promise<void>
}

/** What a program says on its standard error about where it listens. */
export function addressSaid(program: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    program.once('error', reject)
    program.once('exit', () => reject(new Error(`It ended before it listened: ${said}`)))
    program.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text
      const found = pattern.exec(said)
      if (found) resolve(found[0])
    })
  })
}
