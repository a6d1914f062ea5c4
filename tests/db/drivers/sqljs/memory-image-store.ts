import type { ImageStore } from 'selfsame/sqljs'

/** A store that keeps images in memory and can be told to fail, to say what a real one would have to survive. */
export interface MemoryImageStore extends ImageStore {
  image: Uint8Array | null
  saves: number
  /** Rejects the saves that follow with this. */
  fault: Error | undefined
}

export function memoryImageStore(): MemoryImageStore {
  const kept = new Map<string, { image: Uint8Array; writtenAt: string }>()
  const store: MemoryImageStore = {
    image: null,
    saves: 0,
    fault: undefined,
    load: async () => store.image,
    save: async (image) => {
      await Promise.resolve()
      if (store.fault) throw store.fault
      store.saves += 1
      store.image = image
    },
    copies: {
      write: async (image, name) => {
        const location = name ?? `copy-${kept.size}`
        kept.set(location, { image, writtenAt: new Date().toISOString() })
        return { location, bytes: image.length }
      },
      list: async () =>
        [...kept]
          .map(([location, { image, writtenAt }]) => ({ location, bytes: image.length, writtenAt }))
          .toSorted((a, b) => (a.writtenAt < b.writtenAt ? 1 : -1)),
      read: async (location) => kept.get(location)?.image ?? null,
      remove: async (location) => void kept.delete(location),
    },
  }
  return store
}
