import { DataLayerError } from '../../../errors/index.ts'
import type { SetUpArguments, SetUpStep } from '../component.ts'

/**
 * The tables a step is called for: `null` is the table itself, a name one of its parts. Empty where the step has no meaning
 * for tables so divided.
 */
export function partitionsFor({ action, partitioned = false }: SetUpStep, args: SetUpArguments): (string | null)[] {
  const parts = partsOf(args)
  if (action === 'foreign') return parts.length === 0 ? [null] : []
  if (!partitioned || action === 'master' || parts.length === 0) return [null]
  return action === 'constrain' ? parts : [null, ...parts]
}

/** @throws {DataLayerError} `invalid-value` where `partitions` is no number of parts */
export function partsOf({ partitions = null }: SetUpArguments): string[] {
  if (partitions === null) return []
  if (typeof partitions !== 'number' || !Number.isSafeInteger(partitions) || partitions < 0) {
    throw new DataLayerError('invalid-value', 'The argument partitions is null or a whole number from 0 on.')
  }
  return partitions === 0 ? ['default'] : Array.from({ length: partitions }, (_, index) => String(index + 1))
}
