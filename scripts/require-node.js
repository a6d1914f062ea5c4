// Plain JavaScript, loaded before anything else: an older Node could not even read the TypeScript that follows.
// node:sqlite gives a database's bytes from 24.16 on (DatabaseSync.serialize).
const needed = '24.16'
const found = process.versions.node
const [major, minor] = found.split('.').map(Number)

if (major < 24 || (major === 24 && minor < 16)) {
  process.stderr.write(
    `This needs Node ${needed} or newer; it was started with Node ${found} (${process.execPath}).\n` +
      'On Linux x64, `npm ci` brings Node 24 along and npm scripts use it; `npm ci --omit=optional` leaves it out.\n' +
      `Elsewhere, install Node ${needed} from https://nodejs.org and run the command again.\n`,
  )
  process.exit(1)
}
