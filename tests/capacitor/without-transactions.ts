import type { PluginObject } from './host.ts'

const control = /^;?\s*(?:BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b/i
const isControl = (statement: unknown) => control.test(String(statement))

/** The plugin, that runs every statement in a transaction of its own: what begins and ends one never gets there. */
export function withoutTransactions(real: PluginObject): PluginObject {
  return new Proxy(real, {
    get:
      (target, method) =>
      async (options: { statement?: string; set?: { statement: string }[] } = {}) => {
        if (isControl(options.statement)) return { values: [] }
        const { set } = options
        const left = set ? { ...options, set: set.filter(({ statement }) => !isControl(statement)) } : options
        return target[String(method)]?.(left)
      },
  })
}
