/** Bytes to be sent or written together, in order, without copying them: pieces that touch in one buffer become one part. */
export class Parts {
  readonly list: Uint8Array[] = []
  sizeBytes = 0
  #buffer: Buffer | undefined
  #start = 0
  #end = 0

  add(buffer: Buffer, start: number, end: number): void {
    if (start === end) return
    this.sizeBytes += end - start
    if (this.#buffer === buffer && this.#end === start) {
      this.#end = end
      return
    }
    this.finish()
    this.#buffer = buffer
    this.#start = start
    this.#end = end
  }

  /** Makes a part of what was added last; call it before the list is used. */
  finish(): void {
    if (this.#buffer !== undefined) this.list.push(this.#buffer.subarray(this.#start, this.#end))
    this.#buffer = undefined
  }
}
