import { Buffer } from 'node:buffer'
import { Reader } from '../wire/reader.ts'
import { WireError } from '../wire/wire-error.ts'
import { Writer } from '../wire/writer.ts'
import type { AnyMessage, ValueInput, ValueOf } from './message.ts'

/** A kind of record of a coordinator's topic: its key, its value, and the version of the value that Kafka 4.2 writes. */
export interface KeyedRecordTable {
  readonly key: AnyMessage
  readonly value: AnyMessage
  readonly valueVersion: number
}

/** The kinds of records of one topic, by name. */
export type KeyedRecordTables = Readonly<Record<string, KeyedRecordTable>>

/** A record as it is read; `type` tells which kind. A value of null takes back what the key names. */
export type KeyedRecord<T extends KeyedRecordTables> = {
  readonly [N in keyof T & string]: {
    readonly type: N
    readonly key: ValueOf<T[N]['key']>
    readonly value: ValueOf<T[N]['value']> | null
  }
}[keyof T & string]

/** A record to write. A value of null takes back what the key names. */
export type KeyedRecordInput<T extends KeyedRecordTables> = {
  readonly [N in keyof T & string]: {
    readonly type: N
    readonly key: ValueInput<T[N]['key']>
    readonly value: ValueInput<T[N]['value']> | null
  }
}[keyof T & string]

/** A record of a kind that is not known here; whoever loads the log passes over it. */
export interface UnknownKeyedRecord {
  readonly type: 'unknown'
  /** The number of the kind, with which the key begins. */
  readonly keyVersion: number
}

/** Key and value of a record as the log holds them. */
export interface EncodedKeyedRecord {
  readonly key: Buffer
  readonly value: Buffer | null
}

/** Keys have one version: a new one would be another key to a log that keeps the last value of each. */
const keyBodyVersion = 0

/** Reads and writes the records of a coordinator's topic: the number of the kind and the key, the version and the value. */
export class KeyedRecordCodec<T extends KeyedRecordTables> {
  readonly #tables: T
  readonly #namesByKey: ReadonlyMap<number, string>

  constructor(tables: T) {
    this.#tables = tables
    this.#namesByKey = new Map(
      Object.entries(tables).map(([name, { key }]) => [key.key ?? 0, name]),
    )
  }

  /** The key and value that say this, in the version that Kafka 4.2 writes unless another is given. Throws `WireError`. */
  encode(input: KeyedRecordInput<T>, valueVersion?: number): EncodedKeyedRecord {
    const table = this.#tables[input.type] as KeyedRecordTable
    const keyWriter = new Writer(64)
    keyWriter.int16(table.key.key ?? 0)
    table.key.write(keyWriter, input.key, keyBodyVersion)
    const version = valueVersion ?? table.valueVersion
    return {
      key: Buffer.concat(keyWriter.finish()),
      value: input.value === null ? null : encodeValue(table.value, input.value, version),
    }
  }

  /**
   * Reads a key and a value. Fields of bytes are views of what was given. Throws `WireError`, for a version of a known
   * kind that is not known too.
   */
  decode(key: Uint8Array | null, value: Uint8Array | null): KeyedRecord<T> | UnknownKeyedRecord {
    if (key === null) throw new WireError('a record of a coordinator has no key')
    const keyReader = new Reader(key)
    const keyVersion = keyReader.int16()
    const type = this.#namesByKey.get(keyVersion)
    if (type === undefined) return { type: 'unknown', keyVersion }
    const table = this.#tables[type] as KeyedRecordTable
    return {
      type,
      key: table.key.read(keyReader, keyBodyVersion),
      value: value === null ? null : decodeValue(table.value, value),
    } as unknown as KeyedRecord<T>
  }
}

const encodeValue = (message: AnyMessage, value: object, version: number): Buffer => {
  const writer = new Writer(128)
  writer.int16(version)
  message.write(writer, value, version)
  return Buffer.concat(writer.finish())
}

const decodeValue = (message: AnyMessage, bytes: Uint8Array): unknown => {
  const reader = new Reader(bytes)
  return message.read(reader, reader.int16())
}
