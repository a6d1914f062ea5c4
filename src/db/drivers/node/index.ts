export { nodeCopies } from './node-copies.ts'
export { nodeDriver, type NodeDriverOptions } from './node-driver.ts'
