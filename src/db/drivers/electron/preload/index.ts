export { exposeElectronDatabase, type ContextBridgeLike, type IpcRendererLike } from './expose-electron-database.ts'
