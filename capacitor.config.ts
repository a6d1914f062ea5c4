import type { CapacitorConfig } from '@capacitor/cli'

/** The reference app on phones. `npm run app:android` and `npm run app:ios` make the native projects from it. */
const config: CapacitorConfig = {
  appId: 'dev.selfsame.app',
  appName: 'Selfsame',
  webDir: 'app/dist',
  // Capacitor logs every call of a plugin with its values, keys and passphrases among them.
  loggingBehavior: 'none',
  // Without a list the CLI takes every plugin that package.json names, those for tests too.
  includePlugins: ['@capacitor-community/sqlite'],
  android: { path: 'app/android' },
  ios: { path: 'app/ios' },
  plugins: {
    CapacitorSQLite: {
      // Without it the database lies in Documents, which the Files app and iTunes show to the user.
      iosDatabaseLocation: 'Library/CapacitorDatabase',
      // The name of the plugin's entry in the keychain: changed later, it locks users out of encrypted databases.
      iosKeychainPrefix: 'selfsame',
      // Off, as this app's database is not encrypted. An app that passes a secretProvider sets both to true.
      iosIsEncryption: false,
      // When on (the plugin's default), a backup restored to another phone can keep the whole plugin from loading:
      // its preferences are sealed with a key that stayed behind. Our backup rules leave them out.
      androidIsEncryption: false,
      // A prompt of the plugin's own before the first call: what fails there fails every call after it.
      iosBiometric: { biometricAuth: false },
      androidBiometric: { biometricAuth: false },
    },
  },
}

export default config
