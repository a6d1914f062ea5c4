export { encryptDatabase, type EncryptedDatabase } from './encrypt-database.ts'
export { encryptedDriver, type EncryptedDriverOptions } from './encrypted-driver.ts'
