// An app whose main process kills itself before one of its statements. Arguments: the file, and the statement's number.
import { identityComponent } from '../../src/identity/component.ts'
import { Migrator } from '../../src/db/migration/migrator.ts'
import { dyingDriver } from '../processes/dying-driver.ts'
import { desktopApp, inThread } from './stand-in/desktop-app.ts'

const [file = '', dieBefore = '0'] = process.argv.slice(2)
const dying = dyingDriver(inThread(file), { dieBefore: Number(dieBefore), weakness: 'none' })
const app = desktopApp(dying)
const { driver } = app.openWindow()
const connection = await driver.open()
const report = await new Migrator({ driver, connection }, [identityComponent()]).launch()
if (report.error) throw report.error
await connection.run([{ text: "INSERT INTO logs (date, message) VALUES ('now', 'launched')", params: [] }])
await app.close()
process.stdout.write(`${dying.statements()}\n`)
