import { readFileSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { createDataLayer } from '../../src/data-layer.ts'
import { nodeDriver } from '../../src/db/drivers/node/index.ts'
import { ada, bob, launchDataLayer, scratchFolder } from './open-data-layer.ts'

describe('backups', () => {
  it('are written, listed and put back; what was replaced is kept, and the data layer closes', async () => {
    const { dataLayer, driver } = await launchDataLayer()
    await dataLayer.identity.activate(ada)
    const copy = await dataLayer.backup.create()
    expect(statSync(copy.location).size).toBe(copy.bytes)
    expect(await dataLayer.backup.list()).toEqual([expect.objectContaining({ location: copy.location })])
    await dataLayer.identity.activate(bob)
    const { undo } = await dataLayer.backup.restore(copy.location)
    expect(dataLayer.status).toBe('closed')
    expect(statSync(undo).size).toBeGreaterThan(0)
    const again = createDataLayer({ driver })
    expect((await again.identity.get()).activeDid).toBe(ada)
    await again.close()
  })

  it('go where the migrations’ backups go', async () => {
    const directory = scratchFolder()
    const { dataLayer } = await launchDataLayer(undefined, { migrations: { backup: true, backupDirectory: directory } })
    expect(dataLayer.report?.backup?.startsWith(directory)).toBe(true)
    expect((await dataLayer.backup.create()).location.startsWith(directory)).toBe(true)
    expect(await dataLayer.backup.list()).toHaveLength(2)
  })

  it('are given as bytes for a place of the app’s own', async () => {
    const { dataLayer } = await launchDataLayer()
    const bytes = await dataLayer.backup.export()
    expect(new TextDecoder().decode(bytes.slice(0, 15))).toBe('SQLite format 3')
  })

  it('can be had and put back without a launch, when that was refused', async () => {
    const { dataLayer, driver } = await launchDataLayer()
    const copy = await dataLayer.backup.create()
    await dataLayer.db.execute({ text: "UPDATE selfsame_ledger SET checksum = 'changed' WHERE name = 'identity-0002'" })
    await dataLayer.close()
    const refused = createDataLayer({ driver })
    expect((await refused.launch()).outcome).toBe('refused')
    await expect(refused.backup.list()).rejects.toMatchObject({ code: 'schema-drift' })
    expect(await refused.recovery.list()).toEqual([expect.objectContaining({ location: copy.location })])
    expect((await refused.recovery.export()).length).toBeGreaterThan(0)
    await refused.recovery.restore(copy.location)
    const again = createDataLayer({ driver })
    expect((await again.launch()).outcome).toBe('current')
    await again.close()
  })

  it('are refused, with nothing changed, where the copy is not sound', async () => {
    const { dataLayer, filename } = await launchDataLayer()
    const before = readFileSync(filename)
    await expect(dataLayer.backup.restore(`${filename}.nowhere`)).rejects.toMatchObject({ name: 'DataLayerError' })
    expect(readFileSync(filename)).toEqual(before)
    expect(dataLayer.status).toBe('ready')
  })

  it('are refused, with nothing changed, where the file is of something else, unless that is asked for', async () => {
    const { dataLayer, driver, filename } = await launchDataLayer()
    const before = readFileSync(filename)
    const other = `${filename}.other`
    const ours = `${filename}.ours`
    for (const [path, text] of [
      [other, "CREATE TABLE selfsame_ledger (component TEXT); INSERT INTO selfsame_ledger VALUES ('till')"],
      [ours, "CREATE TABLE selfsame_ledger (component TEXT); INSERT INTO selfsame_ledger VALUES ('identity')"],
    ] as const) {
      const database = new DatabaseSync(path)
      database.exec(`CREATE TABLE accounts (number TEXT); ${text}`)
      database.close()
    }
    await expect(dataLayer.backup.restore(other)).rejects.toMatchObject({ code: 'foreign-schema' })
    expect(readFileSync(filename)).toEqual(before)
    expect(dataLayer.status).toBe('ready')
    await dataLayer.backup.restore(ours)
    const { recovery, close } = createDataLayer({ driver })
    await recovery.restore(other, { anyContent: true })
    await close()
    const restored = new DatabaseSync(filename)
    expect(restored.prepare('SELECT component FROM selfsame_ledger').all()).toMatchObject([{ component: 'till' }])
    restored.close()
  })

  it('of a database that had nothing of ours yet can be put back, because they are its own', async () => {
    const { dataLayer, filename } = await launchDataLayer('CREATE TABLE notes (text)', { migrations: { backup: true } })
    const { backup } = dataLayer.report!
    await dataLayer.backup.restore(backup!)
    const restored = new DatabaseSync(filename)
    expect(restored.prepare('SELECT name FROM sqlite_schema').all()).toMatchObject([{ name: 'notes' }])
    restored.close()
  })

  it('are unsupported where the database lives in memory alone; its bytes can be had', async () => {
    const dataLayer = createDataLayer({ driver: nodeDriver({ filename: ':memory:' }) })
    await expect(dataLayer.backup.create()).rejects.toMatchObject({ code: 'unsupported' })
    await expect(dataLayer.backup.list()).rejects.toMatchObject({ code: 'unsupported' })
    expect((await dataLayer.backup.export()).length).toBeGreaterThan(0)
    await dataLayer.close()
  })
})
