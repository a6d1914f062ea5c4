export type { ElectronBridge } from './bridge.ts'
export { electronDriver, type ElectronDriverOptions } from './electron-driver.ts'
