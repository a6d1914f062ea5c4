import { shallowRef, type ShallowRef } from 'vue'
import type { PlatformService } from '../services/platform-service.ts'

const refs = new WeakMap<PlatformService, Readonly<ShallowRef<string | null>>>()

/** A platform service's active DID as a ref; one for all components. */
export function activeDidRef(platform: PlatformService): Readonly<ShallowRef<string | null>> {
  const known = refs.get(platform)
  if (known) return known
  const activeDid = shallowRef(platform.$activeDid)
  platform.onActiveDidChange((value) => (activeDid.value = value))
  refs.set(platform, activeDid)
  return activeDid
}
