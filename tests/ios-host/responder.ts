import { answer } from './plugin/answer.ts'
import { CapacitorSQLite } from './plugin/capacitor-sqlite.ts'

interface Call {
  readonly callbackId: string
  readonly pluginId: string
  readonly methodName: string
  readonly options: Readonly<Record<string, unknown>>
}

const [folder = ''] = process.argv.slice(2)
const plugin = new CapacitorSQLite(folder)

// One after the other, as on Capacitor's dispatch queue «bridge».
process.on('message', ({ pageNumber, call }: { pageNumber: number; call: Call }) => {
  // The bridge sends what the page logs to a plugin called Console.
  if (call.pluginId !== 'CapacitorSQLite') return
  process.send?.({ pageNumber, answer: answer(plugin, call) })
})
process.on('disconnect', () => process.exit())
process.send?.({ ready: true })
