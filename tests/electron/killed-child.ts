// An app that is killed before one of its statements. Arguments: the file, the statement's number, and whether the engine is
// in a `thread`, as apps have it, or in `main` itself, which starts in less time.
import { identityComponent } from '../../src/identity/component.ts'
import { threadDriver } from '../../src/db/drivers/electron/main/index.ts'
import { nodeDriver } from '../../src/db/drivers/node/index.ts'
import { Migrator } from '../../src/db/migration/migrator.ts'
import { dyingDriver } from '../processes/dying-driver.ts'
import { desktopApp, startThread } from './stand-in/desktop-app.ts'

const [filename = '', dieBefore = '0', place] = process.argv.slice(2)
const options = { dieBefore: Number(dieBefore), weakness: 'none' } as const
const inMain = dyingDriver(nodeDriver({ filename }), options)
const statements = new Int32Array(new SharedArrayBuffer(4))
const inThread = threadDriver(() => startThread('dying-thread', { filename, ...options, statements }))
const app = desktopApp(place === 'thread' ? inThread : inMain)
const { driver } = app.openWindow()
const connection = await driver.open()
const report = await new Migrator({ driver, connection }, [identityComponent()]).launch()
if (report.error) throw report.error
await connection.run([{ text: "INSERT INTO logs (date, message) VALUES ('now', 'launched')", params: [] }])
await app.close()
process.stdout.write(`${place === 'thread' ? statements[0] : inMain.statements()}\n`)
