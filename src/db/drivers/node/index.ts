export { nodeDriver, type NodeDriverOptions } from './node-driver.ts'
