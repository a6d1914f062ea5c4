/** What goes wrong in a worker's browser, from when it starts. */
export interface Faults {
  /** There is no OPFS; `refused` is a browser that has the functions and throws. */
  readonly opfs?: 'missing' | 'refused'
  readonly indexedDb?: 'refused'
  /** How many of the first attempts to open a file handle fail, and with which error. */
  readonly openFailures?: { readonly times: number; readonly name: string }
  /** The write that meets the quota, counted from 1; all after it do too. */
  readonly quotaAtWrite?: number
  /** The IndexedDB transaction that meets the quota, counted from 1. */
  readonly quotaAtSave?: number
}

interface Methods {
  [name: string]: (...values: unknown[]) => unknown
}

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
