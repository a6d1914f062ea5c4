// An app that is killed before one of its statements. Arguments: the file, the statement's number, and whether the engine is
// in a `process` of its own, which dies too, as apps have it, or in `main` itself, which starts in less time.
import { readFileSync } from 'node:fs'
import { identityComponent } from '../../src/identity/component.ts'
import { threadDriver } from '../../src/db/drivers/electron/main/index.ts'
import { nodeDriver } from '../../src/db/drivers/node/index.ts'
import { Migrator } from '../../src/db/migration/migrator.ts'
import { dyingDriver } from '../processes/dying-driver.ts'
import { desktopApp } from './stand-in/desktop-app.ts'
import { forkUtility } from './stand-in/utility-process.ts'

const [filename = '', dieBefore = '0', place] = process.argv.slice(2)
const inMain = dyingDriver(nodeDriver({ filename }), { dieBefore: Number(dieBefore), weakness: 'none' })
const script = new URL('./stand-in/dying-process.ts', import.meta.url).pathname
const inProcess = threadDriver(() => forkUtility(script, [filename, dieBefore]))
const app = desktopApp(place === 'process' ? inProcess : inMain)
const { driver } = app.openWindow()
const connection = await driver.open()
const report = await new Migrator({ driver, connection }, [identityComponent()]).launch()
if (report.error) throw report.error
await connection.run([{ text: "INSERT INTO logs (date, message) VALUES ('now', 'launched')", params: [] }])
await app.close()
process.stdout.write(`${place === 'process' ? readFileSync(`${filename}.statements`, 'utf8') : inMain.statements()}\n`)
