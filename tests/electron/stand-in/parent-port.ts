// What a utility process of Electron's has of its own: `process.parentPort`.
const parentPort = {
  postMessage: (message: unknown) => void (process.connected && process.send?.(message)),
  on: (_event: 'message', listener: (event: { data: unknown; ports: [] }) => void) =>
    process.on('message', (data) => listener({ data, ports: [] })),
}
Object.assign(process, { parentPort })
process.on('disconnect', () => process.exit())
