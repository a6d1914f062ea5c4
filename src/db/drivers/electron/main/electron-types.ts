// What is needed of Electron, by shape: the package is the app's, and is not there where this is built and tested.

/** A frame of a window: Electron's `WebFrameMain`. */
export interface WebFrameLike {
  readonly url: string
  readonly parent: WebFrameLike | null
}

/** A window's content: Electron's `WebContents`. */
export interface WebContentsLike {
  readonly id: number
  isDestroyed(): boolean
  send(channel: string, ...values: unknown[]): void
  // One signature for the overloads of Electron's own.
  // oxlint-disable-next-line typescript/no-explicit-any
  on(event: any, listener: (...values: any[]) => void): unknown
}

/** The event of a call. `senderFrame` is null when the frame has gone meanwhile. */
export interface InvokeEventLike {
  readonly sender: WebContentsLike
  readonly senderFrame: WebFrameLike | null
}

/** What is needed of Electron's `ipcMain`. */
export interface IpcMainLike {
  // oxlint-disable-next-line typescript/no-explicit-any
  handle(channel: string, listener: (event: any, ...values: any[]) => unknown): void
  removeHandler(channel: string): void
}
