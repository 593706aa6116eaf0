/** The codecs of record batches; the index is the number in the batch's attributes. */
export const compressionTypes = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

/** How the records of a batch are compressed. */
export type CompressionType = (typeof compressionTypes)[number]

/** A codec that does something. */
export type Codec = Exclude<CompressionType, 'none'>

/**
 * The seam to the compression libraries. `nodeCodecs()` gives the ones for Node.js; a test may give its own.
 */
export interface Codecs {
  /** Compresses the whole of `bytes`. `level` is the codec's own scale; codecs without levels ignore it. */
  compress(codec: Codec, bytes: Uint8Array, level?: number): Uint8Array
  /**
   * Decompresses `bytes`, never giving nor allocating for output more than `maxBytes`.
   * Throws a `CompressionError` and nothing else.
   */
  decompress(codec: Codec, bytes: Uint8Array, maxBytes: number): Uint8Array
}

/** Why compressed bytes could not be read (or, for `unsupported`, written). */
export type CompressionProblem = 'corrupt' | 'too large' | 'unsupported'

/** The only error that codecs throw. */
export class CompressionError extends Error {
  override readonly name = 'CompressionError'
  readonly code = 'COMPRESSION'
  readonly problem: CompressionProblem

  constructor(problem: CompressionProblem, message: string, options?: ErrorOptions) {
    super(message, options)
    this.problem = problem
  }
}
