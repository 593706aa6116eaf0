import type { Reader } from '../wire/reader.ts'
import { WireError } from '../wire/wire-error.ts'
import type { Writer } from '../wire/writer.ts'
import type { MessageCodec } from './codec.ts'
import { compiledCodec } from './compile.ts'
import { type Fields, type InputOf, named, type StructOf } from './field.ts'
import { emptyStruct, layoutOf, type StructLayout } from './layout.ts'
import { walkingCodec } from './walk.ts'

/** What a table of a message says beside its fields. */
export interface MessageTable<F extends Fields> {
  readonly name: string
  /** The number of the kind of message, where records of several kinds lie in one log. */
  readonly key?: number
  /** The first and the last version. */
  readonly versions: readonly [first: number, last: number]
  /** The first version with compact lengths and tagged fields; `undefined`: none has them. */
  readonly flexible: number | undefined
  readonly fields: F
}

/** A message in all its versions: one value type, and a codec for each version, made on first use. */
export class Message<F extends Fields> {
  readonly name: string
  readonly key: number | undefined
  readonly versions: readonly [first: number, last: number]
  readonly flexible: number | undefined
  /** The table itself, for whoever wants to look at it. */
  readonly fields: F
  readonly #codecs: (MessageCodec | undefined)[] = []

  constructor(table: MessageTable<F>) {
    this.name = table.name
    this.key = table.key
    this.versions = table.versions
    this.flexible = table.flexible
    this.fields = named(table.fields)
  }

  isFlexible(version: number): boolean {
    return this.flexible !== undefined && version >= this.flexible
  }

  /** Reads the message. Bytes that follow it are left alone. Throws `WireError`. */
  read(reader: Reader, version: number): StructOf<F> {
    const codec = this.#codecs[version] ?? this.#prepare(version)
    return codec.read(reader) as StructOf<F>
  }

  /** Writes the message. Throws `WireError` for a value that the version cannot carry. */
  write(writer: Writer, value: InputOf<F>, version: number): void {
    const codec = this.#codecs[version] ?? this.#prepare(version)
    codec.write(writer, value)
  }

  /** The message with the stand-in of every field. */
  empty(): StructOf<F> {
    return emptyStruct(this.layout(this.versions[1])) as StructOf<F>
  }

  /** The table as it stands in one version. */
  layout(version: number): StructLayout {
    if (!(version >= this.versions[0] && version <= this.versions[1])) {
      throw new WireError(`${this.name} has no version ${version}`)
    }
    return layoutOf(this.fields, version, this.isFlexible(version))
  }

  #prepare(version: number): MessageCodec {
    const layout = this.layout(version)
    const codec = compiledCodec(layout) ?? walkingCodec(layout)
    this.#codecs[version] = codec
    return codec
  }
}

/** Declares a message that is not a request or a response: a header, a record's body, a blob. */
export const message = <F extends Fields>(table: MessageTable<F>): Message<F> => new Message(table)

/** A message of whatever table. */
export type AnyMessage = Message<any>

/** What reading a message gives. */
export type ValueOf<M extends AnyMessage> = StructOf<M['fields']>

/** What writing a message takes. */
export type ValueInput<M extends AnyMessage> = InputOf<M['fields']>
