/** Bytes that break the rules of the wire format, or a value that it cannot carry. It costs its connection, nothing more. */
export class WireError extends Error {
  override readonly name = 'WireError'
  readonly code = 'WIRE_ERROR'
}
