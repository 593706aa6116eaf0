/** A metadata log that a broker must not start with. The message is one clear sentence for the operator. */
export class MetadataLogError extends Error {
  override readonly name = 'MetadataLogError'
}
