import {
  type EncodedKeyedRecord,
  type KeyedRecord,
  KeyedRecordCodec,
  type KeyedRecordInput,
  type UnknownKeyedRecord,
} from '../schema/keyed-records.ts'
import { groupRecords } from './record-tables.ts'

export type GroupRecordName = keyof typeof groupRecords

/** A record of `__consumer_offsets` as it is read; `type` tells which. A value of null takes back what the key names. */
export type GroupRecord = KeyedRecord<typeof groupRecords>

/** A record of `__consumer_offsets` to write. A value of null takes back what the key names. */
export type GroupRecordInput = KeyedRecordInput<typeof groupRecords>

const codec = new KeyedRecordCodec(groupRecords)

/**
 * The key and value that say this in `__consumer_offsets`: the number of the kind and the key, the version and the
 * value, in the version that Kafka 4.2 writes. Throws `WireError`.
 */
export const encodeGroupRecord = (input: GroupRecordInput): EncodedKeyedRecord =>
  codec.encode(input, valueVersionOf(input))

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
): GroupRecord | UnknownKeyedRecord => codec.decode(key, value)
