/** What records of internal topics and of the metadata log say, as JSON by the tables of the protocol. */
import {
  type AnyMessage,
  CorruptRecordsError,
  consumerProtocolType,
  controlTypes,
  decodeAssignment,
  decodeMetadataRecord,
  decodeSubscription,
  groupRecords,
  type KeyedRecordTables,
  KRaftVersionRecord,
  LeaderChangeMessage,
  type LogRecord,
  metadataRecords,
  Reader,
  SnapshotFooterRecord,
  SnapshotHeaderRecord,
  shareStateRecords,
  transactionRecords,
  VotersRecord,
  WireError,
} from '@varve/protocol'
import { type Json, shownMessage } from './shown-value.ts'

/** Whose tables the records of a log are read with. */
export type RecordDecoder = 'none' | 'offsets' | 'transactions' | 'share' | 'metadata'

export type DecodedRecord =
  /** A record of a coordinator: the number of its kind, and what it says; a value of null takes back what the key names. */
  | {
      readonly type: 'keyed'
      readonly key: { readonly type: number; readonly data: Json }
      readonly value: { readonly version: number; readonly data: Json } | null
    }
  /** A record of the metadata log, by Kafka's name for its kind. */
  | {
      readonly type: 'metadata'
      readonly name: string
      readonly version: number
      readonly data: Json
    }
  | {
      readonly type: 'marker'
      readonly marker: 'ABORT' | 'COMMIT'
      readonly coordinatorEpoch: number
    }
  /** Another control record; of a kind that is not known, only the number is. */
  | {
      readonly type: 'control'
      readonly number: number
      readonly name: string
      readonly data: Json
    }
  | { readonly type: 'undecoded'; readonly about: string }

const decoders: ReadonlyMap<string | undefined, RecordDecoder> = new Map([
  ['__consumer_offsets', 'offsets'],
  ['__transaction_state', 'transactions'],
  ['__share_group_state', 'share'],
  ['__cluster_metadata', 'metadata'],
])

/** The tables for what lies in the folder of a partition: by the topic's name, for internal topics and the metadata log. */
export function decoderFor(topic: string | undefined): RecordDecoder {
  return decoders.get(topic) ?? 'none'
}

/** What the record says; undefined for a user's. */
export function decodeRecord(record: LogRecord, decoder: RecordDecoder): DecodedRecord | undefined {
  try {
    switch (decoder) {
      case 'none':
        return undefined
      case 'offsets':
        return decodeKeyed(groupRecords, record)
      case 'transactions':
        return decodeKeyed(transactionRecords, record)
      case 'share':
        return decodeKeyed(shareStateRecords, record)
      case 'metadata':
        return decodeMetadata(record)
    }
  } catch (error) {
    return undecoded(error)
  }
}

/** What a control record says. */
export function decodeControl({ key, value }: LogRecord): DecodedRecord {
  try {
    if (key === null || value === null) throw new WireError('it has no key or no value')
    const number = new Reader(key, 2).int16()
    const name = controlTypes[number]
    if (name === 'ABORT' || name === 'COMMIT')
      return { type: 'marker', marker: name, coordinatorEpoch: new Reader(value, 2).int32() }
    const message = name === undefined ? undefined : controlMessages[name]
    if (name === undefined || message === undefined)
      return { type: 'control', number, name: 'UNKNOWN', data: null }
    return { type: 'control', number, name, data: shownControl(message, value) }
  } catch (error) {
    return undecoded(error)
  }
}

const controlMessages = {
  LEADER_CHANGE: LeaderChangeMessage,
  SNAPSHOT_HEADER: SnapshotHeaderRecord,
  SNAPSHOT_FOOTER: SnapshotFooterRecord,
  KRAFT_VERSION: KRaftVersionRecord,
  KRAFT_VOTERS: VotersRecord,
} as const satisfies Readonly<Record<string, AnyMessage>>

/** The body begins with its own version, which is a field of it too. */
function shownControl(message: AnyMessage, value: Buffer): Json {
  const version = Math.min(new Reader(value).int16(), message.versions[1])
  return shownMessage(message, message.read(new Reader(value), version), version)
}

function decodeKeyed(tables: KeyedRecordTables, { key, value }: LogRecord): DecodedRecord {
  if (key === null) throw new WireError('it has no key')
  const keyReader = new Reader(key)
  const type = keyReader.int16()
  const [, table] = Object.entries(tables).find(([, { key: of }]) => of.key === type) ?? []
  if (table === undefined) throw new WireError(`its kind ${type} is not known`)
  const shownKey = { type, data: shownMessage(table.key, table.key.read(keyReader, 0), 0) }
  if (value === null) return { type: 'keyed', key: shownKey, value: null }
  const reader = new Reader(value)
  const version = reader.int16()
  const body = table.value.read(reader, version)
  const data = withMembers(body, shownMessage(table.value, body, version))
  return { type: 'keyed', key: shownKey, value: { version, data } }
}

interface ClassicMember {
  readonly subscription: Uint8Array
  readonly assignment: Uint8Array
}

/** The members of a classic group of consumers hold blobs that can be read, too. */
function withMembers(body: unknown, data: Json): Json {
  const group = body as { protocolType?: string; members?: readonly ClassicMember[] }
  if (group.protocolType !== consumerProtocolType || group.members === undefined) return data
  const shown = data as { readonly members: readonly { readonly [name: string]: Json }[] }
  const members = group.members.map(({ subscription, assignment }, index) => ({
    ...shown.members[index],
    subscription: shownBlob(subscription, decodeSubscription),
    assignment: shownBlob(assignment, decodeAssignment),
  }))
  return { ...shown, members }
}

function shownBlob(bytes: Uint8Array, decode: (bytes: Uint8Array) => object): Json {
  try {
    // The version that its writer named says nothing that the fields do not.
    const asText = (name: string, value: unknown): unknown =>
      name === 'version' ? undefined : isBufferJson(value) ? base64Of(value.data) : value
    return JSON.parse(JSON.stringify(decode(bytes), asText)) as Json
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    return base64Of(bytes)
  }
}

function base64Of(bytes: Uint8Array | readonly number[]): string {
  return Buffer.from(bytes).toString('base64')
}

function isBufferJson(value: unknown): value is { readonly data: readonly number[] } {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer'
}

function decodeMetadata({ value }: LogRecord): DecodedRecord {
  if (value === null) throw new WireError('it has no value')
  const { type, version, record } = decodeMetadataRecord(value)
  const name = type.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase()
  const data = shownMessage(metadataRecords[type] as AnyMessage, record, version)
  return { type: 'metadata', name, version, data }
}

function undecoded(error: unknown): DecodedRecord {
  if (!(error instanceof WireError) && !(error instanceof CorruptRecordsError)) throw error
  return { type: 'undecoded', about: error.message }
}
