type RequestHandler = (contents: unknown, permission: string, answer: (granted: boolean) => void) => void
type CheckHandler = (contents: unknown, permission: string) => boolean

/** A window's session: without a handler Electron grants whatever a page asks for. */
export class StandInSession {
  #request: RequestHandler = (_contents, _permission, answer) => answer(true)
  #check: CheckHandler = () => true

  setPermissionRequestHandler(handler: RequestHandler): void {
    this.#request = handler
  }

  setPermissionCheckHandler(handler: CheckHandler): void {
    this.#check = handler
  }

  /** What the page gets that asks for a permission, and the one that only looks whether it has it. */
  async permits(contents: unknown, permission: string): Promise<{ request: boolean; check: boolean }> {
    const request = await new Promise<boolean>((resolve) => this.#request(contents, permission, resolve))
    return { request, check: this.#check(contents, permission) }
  }
}
