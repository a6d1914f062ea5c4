import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import config from '../../capacitor.config.ts'
import { scratchProject, type ScratchProject } from './scratch-project.ts'

let project: ScratchProject

beforeAll(async () => {
  project = await scratchProject()
})
afterAll(() => project?.remove())

describe('the Android project', () => {
  let folder: string
  const text = (path: string) => readFileSync(join(folder, path), 'utf8')
  beforeAll(() => {
    folder = project.make('android')
  })

  test('has the SQLite plugin registered and linked', () => {
    const plugins = JSON.parse(text('app/src/main/assets/capacitor.plugins.json')) as unknown
    expect(plugins).toContainEqual({
      pkg: '@capacitor-community/sqlite',
      classpath: 'com.getcapacitor.community.database.sqlite.CapacitorSQLitePlugin',
    })
    expect(text('app/capacitor.build.gradle')).toContain("implementation project(':capacitor-community-sqlite')")
  })

  test('carries the web build and our settings of the plugin', () => {
    expect(existsSync(join(folder, 'app/src/main/assets/public/index.html'))).toBe(true)
    const synced = JSON.parse(text('app/src/main/assets/capacitor.config.json')) as typeof config
    expect(synced.plugins).toEqual(config.plugins)
    expect(synced.loggingBehavior).toBe('none')
  })

  test('leaves what is sealed with a key of the device out of every kind of backup', () => {
    const manifest = text('app/src/main/AndroidManifest.xml')
    expect(manifest).toContain('android:fullBackupContent="@xml/backup_rules"')
    expect(manifest).toContain('android:dataExtractionRules="@xml/data_extraction_rules"')
    const sealed = ['sqlite_encrypted_shared_prefs.xml', 'WSSecureStorageSharedPreferences.xml']
    for (const path of sealed) {
      const rule = `<exclude domain="sharedpref" path="${path}" />`
      expect(text('app/src/main/res/xml/backup_rules.xml').split(rule)).toHaveLength(2)
      expect(text('app/src/main/res/xml/data_extraction_rules.xml').split(rule)).toHaveLength(3)
    }
  })

  test('is brought up to date by a second run, which changes nothing else', () => {
    const before = text('app/src/main/AndroidManifest.xml')
    project.make('android')
    expect(text('app/src/main/AndroidManifest.xml')).toBe(before)
  })
})

describe('the iOS project', () => {
  let folder: string
  const text = (path: string) => readFileSync(join(folder, path), 'utf8')
  beforeAll(() => {
    folder = project.make('ios')
  })

  test('has the SQLite plugin registered and linked', () => {
    const synced = JSON.parse(text('App/App/capacitor.config.json')) as { packageClassList: string[] }
    expect(synced.packageClassList).toContain('CapacitorSQLitePlugin')
    expect(text('App/CapApp-SPM/Package.swift')).toContain('CapacitorCommunitySqlite')
  })

  test('keeps the database out of the documents that the user sees', () => {
    const synced = JSON.parse(text('App/App/capacitor.config.json')) as {
      plugins: { CapacitorSQLite: { iosDatabaseLocation: string } }
    }
    expect(synced.plugins.CapacitorSQLite.iosDatabaseLocation).toBe('Library/CapacitorDatabase')
    expect(text('App/App/Info.plist')).not.toMatch(/UIFileSharingEnabled|LSSupportsOpeningDocumentsInPlace/)
    expect(existsSync(join(folder, 'App/App/public/index.html'))).toBe(true)
  })
})
