/** The bytes of a batch do not hold the records that its header promises. */
export class CorruptRecordsError extends Error {
  override readonly name = 'CorruptRecordsError'
  readonly code = 'CORRUPT_RECORDS'
}
