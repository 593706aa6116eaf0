import { Buffer } from 'node:buffer'

const sizePrefixBytes = 4
/** A frame that arrives in pieces starts with a buffer of this size, whatever size it declares. */
const firstBufferBytes = 16_384
/** A peer that has sent large frames is trusted up to this size before the bytes are there. */
const trustedBytesMax = 4_194_304

/** Where the memory of frames comes from that arrive in pieces. */
export interface FrameMemory {
  /** A buffer of at least this size. */
  take(sizeBytes: number): Buffer
  /** Nothing of a frame is in the buffer any more. */
  give(buffer: Buffer): void
}

/** Whom a `FrameReader` reports to. */
export interface FrameListener {
  readonly maxFrameBytes: number
  /** Absent: a frame that came in pieces has a buffer of its own. */
  readonly memory?: FrameMemory
  /**
   * A whole frame, without its size prefix. One that is not `owned` lies in the chunk given to `push` and is valid during the
   * call only, and so does one that came in pieces where there is a `memory`; an owned one belongs to the listener.
   */
  onFrame(frame: Buffer, owned: boolean): void
  /** A size below zero or above the limit. Nothing of the stream can be read any more. */
  onTooLarge(sizeBytes: number): void
}

/**
 * Cuts a stream of bytes into frames, each of which has its size in front as an int32. What memory it takes follows the bytes
 * that have come, never the size that a frame declares.
 *
 * @example
 * ```ts
 * const frames = new FrameReader({
 *   maxFrameBytes: 1_000_000,
 *   onFrame: frame => console.log(frame.length),
 *   onTooLarge: () => socket.destroy(),
 * })
 * socket.on('data', chunk => frames.push(chunk))
 * ```
 */
export class FrameReader {
  readonly #listener: FrameListener
  readonly #prefix = Buffer.alloc(sizePrefixBytes)
  #prefixBytes = 0
  #frame: Buffer | undefined
  #frameBytes = 0
  #frameSize = 0
  /** What the peer has sent in one frame before (up to `trustedBytesMax`): a frame like it gets its buffer at once. */
  #largestFrameBytes = 0
  #stopped = false

  constructor(listener: FrameListener) {
    this.#listener = listener
  }

  /** Whether a frame has begun whose end has not come yet. */
  get isWaiting(): boolean {
    return this.#prefixBytes > 0
  }

  /** From now on, bytes are thrown away, those of the chunk in work too. */
  stop(): void {
    this.#stopped = true
    this.#frame = undefined
  }

  /** Takes the next bytes of the stream and reports the frames that they complete. */
  push(chunk: Buffer): void {
    let at = 0
    while (!this.#stopped && at < chunk.length) {
      at = this.#prefixBytes < sizePrefixBytes ? this.#begin(chunk, at) : this.#collect(chunk, at)
    }
  }

  /** Reads the size of a frame, and the frame with it if it lies whole in the chunk. */
  #begin(chunk: Buffer, from: number): number {
    const isWhole = this.#prefixBytes === 0 && chunk.length - from >= sizePrefixBytes
    const at = isWhole ? from + sizePrefixBytes : this.#readPrefix(chunk, from)
    if (!isWhole && this.#prefixBytes < sizePrefixBytes) return at
    const size = isWhole ? int32At(chunk, from) : int32At(this.#prefix, 0)
    if (size < 0 || size > this.#listener.maxFrameBytes) {
      this.stop()
      this.#listener.onTooLarge(size)
      return chunk.length
    }
    const end = at + size
    if (end <= chunk.length) {
      this.#prefixBytes = 0
      this.#listener.onFrame(chunk.subarray(at, end), false)
      return end
    }
    this.#prefixBytes = sizePrefixBytes
    this.#frameSize = size
    this.#frameBytes = 0
    const trusted = Math.max(firstBufferBytes, chunk.length, this.#largestFrameBytes)
    this.#frame = this.#take(Math.min(size, trusted))
    return at
  }

  #readPrefix(chunk: Buffer, from: number): number {
    const taken = Math.min(sizePrefixBytes - this.#prefixBytes, chunk.length - from)
    chunk.copy(this.#prefix, this.#prefixBytes, from, from + taken)
    this.#prefixBytes += taken
    return from + taken
  }

  #collect(chunk: Buffer, from: number): number {
    const taken = Math.min(this.#frameSize - this.#frameBytes, chunk.length - from)
    const frame = this.#roomFor(this.#frameBytes + taken)
    chunk.copy(frame, this.#frameBytes, from, from + taken)
    this.#frameBytes += taken
    if (this.#frameBytes === this.#frameSize) {
      this.#frame = undefined
      this.#prefixBytes = 0
      if (this.#frameSize > this.#largestFrameBytes) {
        this.#largestFrameBytes = Math.min(this.#frameSize, trustedBytesMax)
      }
      const { memory } = this.#listener
      this.#listener.onFrame(frame.subarray(0, this.#frameSize), memory === undefined)
      memory?.give(frame)
    }
    return from + taken
  }

  /** The frame's buffer with room for `sizeBytes`; it at most doubles what has come. */
  #roomFor(sizeBytes: number): Buffer {
    const frame = this.#frame ?? Buffer.alloc(0)
    if (sizeBytes <= frame.length) return frame
    const grown = this.#take(Math.min(this.#frameSize, 2 * sizeBytes))
    frame.copy(grown, 0, 0, this.#frameBytes)
    if (this.#frame !== undefined) this.#listener.memory?.give(this.#frame)
    this.#frame = grown
    return grown
  }

  #take(sizeBytes: number): Buffer {
    return this.#listener.memory?.take(sizeBytes) ?? Buffer.allocUnsafeSlow(sizeBytes)
  }
}

/** `readInt32BE` takes ten times as long. */
const int32At = (bytes: Buffer, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
