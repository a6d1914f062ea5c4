import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * What a backup of Android must leave out, as it could not be read where it is restored: preferences that are sealed with a
 * key of the device's keystore. The plugin's stop it from loading at all; a secure storage's hide the database's key.
 */
const leftOut = ['sqlite_encrypted_shared_prefs.xml', 'WSSecureStorageSharedPreferences.xml']

const excludes = (indent: string) =>
  leftOut.map((path) => `${indent}<exclude domain="sharedpref" path="${path}" />`).join('\n')

/** Up to Android 11, and from Android 12 on: developer.android.com/identity/data/autobackup. */
const files = {
  'backup_rules.xml': `<?xml version="1.0" encoding="utf-8"?>
<full-backup-content>
${excludes('  ')}
</full-backup-content>
`,
  'data_extraction_rules.xml': `<?xml version="1.0" encoding="utf-8"?>
<data-extraction-rules>
  <cloud-backup>
${excludes('    ')}
  </cloud-backup>
  <device-transfer>
${excludes('    ')}
  </device-transfer>
</data-extraction-rules>
`,
}

const attributes = {
  'android:fullBackupContent': '@xml/backup_rules',
  'android:dataExtractionRules': '@xml/data_extraction_rules',
}

/** Puts our backup rules into an Android project that the Capacitor CLI made. Done twice, it changes nothing more. */
export function applyAndroidSettings(project: string): void {
  const main = join(project, 'app/src/main')
  mkdirSync(join(main, 'res/xml'), { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(main, 'res/xml', name), text)
  const path = join(main, 'AndroidManifest.xml')
  const manifest = readFileSync(path, 'utf8')
  writeFileSync(path, Object.entries(attributes).reduce(withAttribute, manifest))
}

function withAttribute(manifest: string, [name, value]: [string, string]): string {
  if (manifest.includes(`${name}="${value}"`)) return manifest
  if (!manifest.includes('<application') || manifest.includes(`${name}=`)) {
    throw new Error(`AndroidManifest.xml is not as the Capacitor CLI writes it: ${name} cannot be set.`)
  }
  return manifest.replace('<application', `<application\n        ${name}="${value}"`)
}
