export type { ImageCopies, ImageStore } from './image-store.ts'
export { indexedDbStore } from './indexed-db-store.ts'
export { sqljsDriver, type SqljsDriverOptions } from './sqljs-driver.ts'
export type { InitSqljs, SqljsDatabase, SqljsModule, SqljsModuleOptions, SqljsStatement } from './sqljs-types.ts'
