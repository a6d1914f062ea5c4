// An app whose main process kills itself before one of its statements. Arguments: the file, and the statement's number. The
// engine is in main itself: a thread dies with its process, and starting one for each kill would take most of the time.
import { identityComponent } from '../../src/identity/component.ts'
import { nodeDriver } from '../../src/db/drivers/node/index.ts'
import { Migrator } from '../../src/db/migration/migrator.ts'
import { dyingDriver } from '../processes/dying-driver.ts'
import { desktopApp } from './stand-in/desktop-app.ts'

const [file = '', dieBefore = '0'] = process.argv.slice(2)
const dying = dyingDriver(nodeDriver({ filename: file }), { dieBefore: Number(dieBefore), weakness: 'none' })
const app = desktopApp(dying)
const { driver } = app.openWindow()
const connection = await driver.open()
const report = await new Migrator({ driver, connection }, [identityComponent()]).launch()
if (report.error) throw report.error
await connection.run([{ text: "INSERT INTO logs (date, message) VALUES ('now', 'launched')", params: [] }])
await app.close()
process.stdout.write(`${dying.statements()}\n`)
