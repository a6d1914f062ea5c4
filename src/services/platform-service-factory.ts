import { DataLayerError } from '../errors/index.ts'
import type { PlatformService } from './platform-service.ts'

const open: PlatformService[] = []

/** Makes a data layer's service the one that {@link PlatformServiceFactory} gives. Returns the function that takes it back. */
export function registerPlatformService(service: PlatformService): () => void {
  open.push(service)
  return () => {
    const index = open.indexOf(service)
    if (index >= 0) open.splice(index, 1)
  }
}

/** Finds the platform service where there is no component to ask. */
export const PlatformServiceFactory = {
  /**
   * The service of the data layer created last and not closed yet.
   *
   * @throws {DataLayerError} `closed` when there is none
   */
  getInstance(): PlatformService {
    const service = open.at(-1)
    if (service) return service
    throw new DataLayerError(
      'closed',
      'No data layer is open. Call createDataLayer({ driver }) first, and close() last.',
    )
  },
} as const
