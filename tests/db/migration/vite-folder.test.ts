import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Component } from '../../../src/db/migration/component.ts'
import { openDatabase } from './test-database.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'selfsame-vite-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('a folder of SQL files that Vite builds into an app is a component that migrates', async () => {
  await build({
    root: join(import.meta.dirname, 'vite-app'),
    configFile: false,
    logLevel: 'silent',
    ssr: { noExternal: true },
    build: {
      ssr: 'shop.ts',
      outDir: folder,
      emptyOutDir: true,
      minify: true,
      rollupOptions: { output: { format: 'es' } },
    },
  })
  const file = join(folder, 'shop.js')
  expect(await readFile(file, 'utf8')).toContain('CREATE TABLE shop_orders')
  const { shop } = (await import(pathToFileURL(file).href)) as { shop: Component }
  const opened = await openDatabase()
  expect(await opened.migrate([shop])).toMatchObject({ applied: ['shop-0001', 'shop-0002'] })
  await opened.run('INSERT INTO shop_orders (price) VALUES (3)')
  expect(await opened.list('SELECT item FROM shop_items')).toEqual(['tea; green'])
  expect(await opened.rollback([shop], 'shop-0001')).toMatchObject({ reverted: ['shop-0002'] })
  await opened.close()
})
