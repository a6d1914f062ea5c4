/** What goes wrong in a worker's browser, from when it starts. */
export interface Faults {
  /** There is no OPFS; `refused` is a browser that has the functions and throws. */
  readonly opfs?: 'missing' | 'refused'
  /** IndexedDB is refused, or fails without a reason this often. */
  readonly indexedDb?: 'refused' | { readonly failures: number }
  readonly locks?: 'refused'
  /** Which ways of compiling the wasm are refused: while it comes in, or once all its bytes are there. */
  readonly wasm?: readonly ('stream' | 'bytes')[]
  /** How many of the first attempts to open a file handle fail, and with which error. */
  readonly openFailures?: { readonly times: number; readonly name: string }
  /** The write that meets the quota, counted from 1; all after it do too. */
  readonly quotaAtWrite?: number
  /** Tells that an IndexedDB transaction is complete, or a file written, a good while before it is. */
  readonly acknowledgeBeforeSaving?: boolean
  /** Other tabs are told nothing of commits, as by an owner that dies in that moment. */
  readonly withoutNews?: boolean
  /** The IndexedDB transaction that meets the quota, counted from 1. */
  readonly quotaAtSave?: number
}

interface Methods {
  [name: string]: (...values: unknown[]) => unknown
}

// Longer than a test takes to kill the browser after the promise resolved.
const delay = 3000

/** Breaks this thread's browser. */
export function applyFaults(faults: Faults): void {
  const scope = globalThis as unknown as Record<string, { prototype: Methods } | undefined>
  const storage = navigator.storage as unknown as Methods
  if (faults.opfs === 'missing') Object.defineProperty(storage, 'getDirectory', { value: undefined })
  if (faults.opfs === 'refused') {
    replace(
      scope['FileSystemFileHandle']?.prototype,
      'createSyncAccessHandle',
      () => () => Promise.reject(new DOMException('Backend does not support this operation', 'NotSupportedError')),
    )
  }
  if (faults.indexedDb === 'refused') {
    replace(scope['IDBFactory']?.prototype, 'open', () => () => {
      throw new DOMException('refused', 'SecurityError')
    })
  }
  if (typeof faults.indexedDb === 'object') {
    let left = faults.indexedDb.failures
    replace(scope['IDBFactory']?.prototype, 'open', (original) => (...values) => {
      left -= 1
      if (left >= 0) throw new DOMException('Internal error opening backing store', 'UnknownError')
      return original(...values)
    })
  }
  if (faults.locks === 'refused') {
    replace(
      scope['LockManager']?.prototype,
      'request',
      () => () => Promise.reject(new DOMException('The request was denied.', 'SecurityError')),
    )
  }
  for (const way of faults.wasm ?? []) {
    const name = way === 'stream' ? 'instantiateStreaming' : 'instantiate'
    replace(WebAssembly as unknown as Methods, name, () => () => Promise.reject(new Error(`no ${name}`)))
  }
  if (faults.acknowledgeBeforeSaving) {
    acknowledgeEarly()
    keepWritesBack()
  }
  if (faults.withoutNews) {
    replace(BroadcastChannel.prototype as unknown as Methods, 'postMessage', (original) => (message) => {
      if ((message as { type?: string }).type !== 'changed') original(message)
    })
  }
  const { openFailures, quotaAtWrite, quotaAtSave } = faults
  if (openFailures) {
    let left = openFailures.times
    replace(scope['FileSystemFileHandle']?.prototype, 'createSyncAccessHandle', (original) => (...values) => {
      left -= 1
      return left >= 0 ? Promise.reject(new DOMException('not now', openFailures.name)) : original(...values)
    })
  }
  if (quotaAtWrite !== undefined) {
    let writes = 0
    replace(scope['FileSystemSyncAccessHandle']?.prototype, 'write', (original) => (...values) => {
      writes += 1
      if (writes >= quotaAtWrite) throw new DOMException('full', 'QuotaExceededError')
      return original(...values)
    })
  }
  if (quotaAtSave !== undefined) {
    let saves = 0
    replace(scope['IDBObjectStore']?.prototype, 'put', (original) => (...values) => {
      saves += 1
      if (saves >= quotaAtSave) throw new DOMException('full', 'QuotaExceededError')
      return original(...values)
    })
  }
}

/** Lies about IndexedDB's durability: a save that only stores pages is said to be done, and done later. */
function acknowledgeEarly(): void {
  const prototype = IDBDatabase.prototype
  const original = prototype.transaction
  prototype.transaction = function early(this: IDBDatabase, stores, ...options) {
    if (!Array.isArray(stores) || !stores.includes('pages') || options[0] !== 'readwrite')
      return original.call(this, stores, ...options)
    const pretended = {
      oncomplete: undefined as undefined | (() => void),
      onabort: undefined,
      error: null,
      abort() {},
      objectStore,
    }
    const requests: { store: string; name: 'put' | 'delete'; values: unknown[] }[] = []
    const meta = { onsuccess: undefined as undefined | (() => void), result: undefined as unknown }
    function objectStore(store: string) {
      return {
        get: () => meta,
        put: (...values: unknown[]) => void requests.push({ store, name: 'put', values }),
        delete: (...values: unknown[]) => void requests.push({ store, name: 'delete', values }),
      }
    }
    const read = original.call(this, stores, 'readonly').objectStore('meta').get('file')
    read.onsuccess = () => {
      meta.result = read.result
      meta.onsuccess?.()
      pretended.oncomplete?.()
      setTimeout(() => {
        const late = original.call(this, stores, ...options)
        for (const { store, name, values } of requests) {
          const target = late.objectStore(store) as unknown as Methods
          target[name]?.(...values)
        }
      }, delay)
    }
    return pretended as unknown as IDBTransaction
  }
}

interface Handle {
  read(target: Uint8Array, options: { at: number }): number
  write(source: ArrayBufferView, options: { at: number }): number
  truncate(size: number): void
  getSize(): number
}

/** Lies about files: what is written can be read, and comes to the file later. */
function keepWritesBack(): void {
  const { prototype } = (globalThis as unknown as { FileSystemSyncAccessHandle: { prototype: Handle } })
    .FileSystemSyncAccessHandle
  const { read, write, truncate, getSize } = prototype
  const kept = new WeakMap<Handle, { at: number; bytes: Uint8Array }[]>()
  const keptOf = (handle: Handle) => kept.get(handle) ?? kept.set(handle, []).get(handle) ?? []
  prototype.write = function keep(this: Handle, source, { at }) {
    const bytes = new Uint8Array(source.buffer, source.byteOffset, source.byteLength).slice()
    keptOf(this).push({ at, bytes })
    setTimeout(() => write.call(this, bytes, { at }), delay)
    return bytes.length
  }
  prototype.read = function readKept(this: Handle, target, { at }) {
    let length = read.call(this, target, { at })
    for (const { at: start, bytes } of keptOf(this)) {
      const [from, to] = [Math.max(at, start), Math.min(at + target.length, start + bytes.length)]
      if (from >= to) continue
      target.set(bytes.subarray(from - start, to - start), from - at)
      length = Math.max(length, to - at)
    }
    return length
  }
  prototype.getSize = function sizeWithKept(this: Handle) {
    return Math.max(getSize.call(this), ...keptOf(this).map(({ at, bytes }) => at + bytes.length))
  }
  prototype.truncate = function truncateKept(this: Handle, size) {
    for (const { at, bytes } of keptOf(this)) write.call(this, bytes, { at })
    kept.delete(this)
    truncate.call(this, size)
  }
}

function replace(
  methods: Methods | undefined,
  name: string,
  make: (original: Methods[string]) => (...values: unknown[]) => unknown,
): void {
  const original = methods?.[name]
  if (!methods || !original) throw new Error(`This browser has no ${name} to break.`)
  methods[name] = function broken(this: unknown, ...values: unknown[]) {
    return make(original.bind(this))(...values)
  }
}
