/** A Swift Int, which UtilsBinding binds as an integer where an NSNumber becomes a double. */
export class SwiftInt {
  readonly value: bigint

  constructor(value: bigint) {
    this.value = value
  }
}
