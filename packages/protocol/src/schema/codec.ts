import type { Reader } from '../wire/reader.ts'
import { WireError } from '../wire/wire-error.ts'
import type { Writer } from '../wire/writer.ts'

/** Reads and writes one message in one version. */
export interface MessageCodec {
  read(reader: Reader): unknown
  write(writer: Writer, value: unknown): void
}

/** A meaningful value was given for a field that the version in use does not have. */
export class UnsupportedFieldError extends WireError {
  readonly field: string

  constructor(field: string) {
    super(`the field ${field} has a value, but this version does not have the field`)
    this.field = field
  }
}

/** Ends the writing of a value that a version cannot say. */
export const refuseField = (name: string): never => {
  throw new UnsupportedFieldError(name)
}

export const refuseNull = (name: string): never => {
  throw new WireError(`the field ${name} must not be null in this version`)
}
