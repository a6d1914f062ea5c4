import { CapacitorSQLiteError } from './capacitor-sqlite-error.ts'
import type { CapacitorSQLite } from './capacitor-sqlite.ts'

type Options = Readonly<Record<string, unknown>>
interface Call {
  readonly callbackId: string
  readonly pluginId: string
  readonly methodName: string
  readonly options: Options
}

const text = (options: Options, key: string) => String(options[key])
const isTrue = (options: Options, key: string, otherwise: boolean) =>
  typeof options[key] === 'boolean' ? options[key] : otherwise
const mode = (options: Options) => (typeof options['returnMode'] === 'string' ? options['returnMode'] : 'no')

// CapacitorSQLitePlugin.swift: each function takes its options out of the call, and puts its own name before a failure.
// ReturnHandler.swift: rResult, rChanges, rValues and rUrl wrap what is resolved.
const methods: Readonly<Record<string, (plugin: CapacitorSQLite, options: Options) => unknown>> = {
  createConnection: (plugin, options) => {
    plugin.createConnection(text(options, 'database'), {
      encrypted: isTrue(options, 'encrypted', false),
      mode: text(options, 'mode'),
      readonly: isTrue(options, 'readonly', false),
    })
  },
  open: (plugin, options) => {
    plugin.open(text(options, 'database'), isTrue(options, 'readonly', false))
  },
  closeConnection: (plugin, options) => {
    plugin.closeConnection(text(options, 'database'), isTrue(options, 'readonly', false))
  },
  deleteDatabase: (plugin, options) => {
    plugin.deleteDatabase(text(options, 'database'))
  },
  isDatabase: (plugin, options) => ({ result: plugin.isDatabase(text(options, 'database')) }),
  isDatabaseEncrypted: (plugin, options) => ({ result: plugin.isDatabaseEncrypted(text(options, 'database')) }),
  isSecretStored: (plugin) => ({ result: plugin.isSecretStored() }),
  setEncryptionSecret: (plugin, options) => {
    plugin.setEncryptionSecret(text(options, 'passphrase'))
  },
  clearEncryptionSecret: (plugin) => {
    plugin.clearEncryptionSecret()
  },
  checkEncryptionSecret: (plugin, options) => ({
    result: plugin.checkEncryptionSecret(text(options, 'passphrase')),
  }),
  getDatabaseList: (plugin) => ({ values: plugin.getDatabaseList() }),
  getUrl: (plugin, options) => ({ url: plugin.getUrl(text(options, 'database'), isTrue(options, 'readonly', false)) }),
  checkConnectionsConsistency: (plugin, options) => ({
    result: plugin.checkConnectionsConsistency(options['dbNames'] as string[], options['openModes'] as string[]),
  }),
  beginTransaction: (plugin, options) => ({ changes: plugin.beginTransaction(text(options, 'database')) }),
  commitTransaction: (plugin, options) => ({ changes: plugin.commitTransaction(text(options, 'database')) }),
  rollbackTransaction: (plugin, options) => ({ changes: plugin.rollbackTransaction(text(options, 'database')) }),
  query: (plugin, options) => {
    if (!Array.isArray(options['values'])) throw new CapacitorSQLiteError('Must provide an Array of value')
    return { values: plugin.query(text(options, 'database'), text(options, 'statement'), options['values']) }
  },
  run: (plugin, options) => {
    if (!Array.isArray(options['values'])) throw new CapacitorSQLiteError('Must provide an Array of values')
    const transaction = isTrue(options, 'transaction', true)
    const { database, statement, values } = options as { database: string; statement: string; values: unknown[] }
    return { changes: plugin.run(database, statement, values, transaction, mode(options)) }
  },
  execute: (plugin, options) => ({
    changes: plugin.execute(
      text(options, 'database'),
      text(options, 'statements'),
      isTrue(options, 'transaction', true),
    ),
  }),
  executeSet: (plugin, options) => {
    const set = options['set'] as { statement: string; values: unknown[] }[]
    if (!Array.isArray(set) || set.length === 0)
      throw new CapacitorSQLiteError('Must provide a non-empty set of SQL statements')
    return {
      changes: plugin.executeSet(text(options, 'database'), set, isTrue(options, 'transaction', true), mode(options)),
    }
  },
}

/** The text that evaluates `Capacitor.fromNative(…)` in the page (CapacitorBridge.swift, toJs and toJsError). */
export function answer(plugin: CapacitorSQLite, { callbackId, pluginId, methodName, options }: Call): string {
  const head = { callbackId, pluginId, methodName }
  try {
    const method = methods[methodName]
    if (!method) throw new CapacitorSQLiteError('This stand-in has no such method.')
    return toJson({ ...head, success: true, data: method(plugin, options) ?? {} })
  } catch (error) {
    if (!(error instanceof CapacitorSQLiteError)) throw error
    const prefix = /^(?:delete|get|isDatabase)/.test(methodName) ? methodName : capitalized(methodName)
    const message = `${prefix}: ${error.message}`
    return toJson({ ...head, success: false, error: { message, errorMessage: message } })
  }
}

function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}

const { rawJSON: rawJson } = JSON as unknown as { rawJSON(text: string): unknown }

// JSONSerialization keeps the sign of a zero, writes an Int64 whole, which the page's parser then rounds, and raises an exception for an infinity,
// which nobody catches: the app is over.
function toJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'bigint') return rawJson(String(part))
    if (Object.is(part, -0)) return rawJson('-0')
    if (typeof part === 'number' && !Number.isFinite(part)) process.kill(process.pid, 'SIGABRT')
    return part
  })
}
