import { Buffer } from 'node:buffer'
import type { AnyMessage, ValueInput, ValueOf } from '../schema/index.ts'
import { Reader } from '../wire/reader.ts'
import { WireError } from '../wire/wire-error.ts'
import { Writer } from '../wire/writer.ts'
import { type GroupRecordTable, groupRecords } from './record-tables.ts'

export type GroupRecordName = keyof typeof groupRecords

type TableOf<N extends GroupRecordName> = (typeof groupRecords)[N]

/** A record of `__consumer_offsets` as it is read; `type` tells which. A value of null takes back what the key names. */
export type GroupRecord = {
  readonly [N in GroupRecordName]: {
    readonly type: N
    readonly key: ValueOf<TableOf<N>['key']>
    readonly value: ValueOf<TableOf<N>['value']> | null
  }
}[GroupRecordName]

/** A record of `__consumer_offsets` to write. A value of null takes back what the key names. */
export type GroupRecordInput = {
  readonly [N in GroupRecordName]: {
    readonly type: N
    readonly key: ValueInput<TableOf<N>['key']>
    readonly value: ValueInput<TableOf<N>['value']> | null
  }
}[GroupRecordName]

/** A record of a kind that is not known here; whoever loads the log passes over it. */
export interface UnknownGroupRecord {
  readonly type: 'unknown'
  /** The number of the kind, with which the key begins. */
  readonly keyVersion: number
}

/** Key and value of a record as the log holds them. */
export interface EncodedGroupRecord {
  readonly key: Buffer
  readonly value: Buffer | null
}

/** Keys have one version: a new one would be another key to a log that keeps the last value of each. */
const keyBodyVersion = 0

const namesByKey: ReadonlyMap<number, GroupRecordName> = new Map(
  Object.entries(groupRecords).map(([name, { key }]) => [key.key ?? 0, name as GroupRecordName]),
)

/**
 * The key and value that say this in `__consumer_offsets`: the number of the kind and the key, the version and the
 * value, in the version that Kafka 4.2 writes. Throws `WireError`.
 */
export const encodeGroupRecord = (input: GroupRecordInput): EncodedGroupRecord => {
  const { key, value }: GroupRecordTable = groupRecords[input.type]
  const keyWriter = new Writer(64)
  keyWriter.int16(key.key ?? 0)
  key.write(keyWriter, input.key, keyBodyVersion)
  return { key: Buffer.concat(keyWriter.finish()), value: encodeValue(value, input) }
}

const encodeValue = (message: AnyMessage, input: GroupRecordInput): Buffer | null => {
  if (input.value === null) return null
  const version = valueVersionOf(input)
  const writer = new Writer(128)
  writer.int16(version)
  message.write(writer, input.value, version)
  return Buffer.concat(writer.finish())
}

/** Only version 1 of a committed offset can say when it expires, so it is the one that is written where that is said. */
const valueVersionOf = (input: GroupRecordInput): number => {
  const expires = input.type === 'OffsetCommit' && (input.value?.expireTimestamp ?? -1) !== -1
  return expires ? 1 : groupRecords[input.type].valueVersion
}

/**
 * Reads the key and value of a record of `__consumer_offsets`. Fields of bytes are views of what was given. Throws
 * `WireError`, for a version of a known kind that is not known too.
 */
export const decodeGroupRecord = (
  key: Uint8Array | null,
  value: Uint8Array | null,
): GroupRecord | UnknownGroupRecord => {
  if (key === null) throw new WireError('a group record has no key')
  const keyReader = new Reader(key)
  const keyVersion = keyReader.int16()
  const type = namesByKey.get(keyVersion)
  if (type === undefined) return { type: 'unknown', keyVersion }
  const table: GroupRecordTable = groupRecords[type]
  return {
    type,
    key: table.key.read(keyReader, keyBodyVersion),
    value: value === null ? null : decodeValue(table.value, value),
  } as GroupRecord
}

const decodeValue = (message: AnyMessage, bytes: Uint8Array): unknown => {
  const reader = new Reader(bytes)
  return message.read(reader, reader.int16())
}
