import { Buffer } from 'node:buffer'
import type { AnyMessage, ValueInput, ValueOf } from '../schema/index.ts'
import { Reader } from '../wire/reader.ts'
import { WireError } from '../wire/wire-error.ts'
import { Writer } from '../wire/writer.ts'
import { AbortTransactionRecord } from './abort-transaction-record.ts'
import { AccessControlEntryRecord } from './access-control-entry-record.ts'
import { BeginTransactionRecord } from './begin-transaction-record.ts'
import { BrokerRegistrationChangeRecord } from './broker-registration-change-record.ts'
import { ClearElrRecord } from './clear-elr-record.ts'
import { ClientQuotaRecord } from './client-quota-record.ts'
import { ConfigRecord } from './config-record.ts'
import { DelegationTokenRecord } from './delegation-token-record.ts'
import { EndTransactionRecord } from './end-transaction-record.ts'
import { FeatureLevelRecord } from './feature-level-record.ts'
import { FenceBrokerRecord } from './fence-broker-record.ts'
import { NoOpRecord } from './no-op-record.ts'
import { PartitionChangeRecord } from './partition-change-record.ts'
import { PartitionRecord } from './partition-record.ts'
import { ProducerIdsRecord } from './producer-ids-record.ts'
import { RegisterBrokerRecord } from './register-broker-record.ts'
import { RegisterControllerRecord } from './register-controller-record.ts'
import { RemoveAccessControlEntryRecord } from './remove-access-control-entry-record.ts'
import { RemoveDelegationTokenRecord } from './remove-delegation-token-record.ts'
import { RemoveTopicRecord } from './remove-topic-record.ts'
import { RemoveUserScramCredentialRecord } from './remove-user-scram-credential-record.ts'
import { TopicRecord } from './topic-record.ts'
import { UnfenceBrokerRecord } from './unfence-broker-record.ts'
import { UnregisterBrokerRecord } from './unregister-broker-record.ts'
import { UserScramCredentialRecord } from './user-scram-credential-record.ts'
import { ZkMigrationStateRecord } from './zk-migration-state-record.ts'

/** The kinds of records of the metadata log, by name. */
export const metadataRecords = {
  RegisterBrokerRecord,
  UnregisterBrokerRecord,
  TopicRecord,
  PartitionRecord,
  ConfigRecord,
  PartitionChangeRecord,
  FenceBrokerRecord,
  UnfenceBrokerRecord,
  RemoveTopicRecord,
  DelegationTokenRecord,
  UserScramCredentialRecord,
  FeatureLevelRecord,
  ClientQuotaRecord,
  ProducerIdsRecord,
  BrokerRegistrationChangeRecord,
  AccessControlEntryRecord,
  RemoveAccessControlEntryRecord,
  NoOpRecord,
  ZkMigrationStateRecord,
  RemoveUserScramCredentialRecord,
  BeginTransactionRecord,
  EndTransactionRecord,
  AbortTransactionRecord,
  RemoveDelegationTokenRecord,
  RegisterControllerRecord,
  ClearElrRecord,
} as const satisfies Readonly<Record<string, AnyMessage>>

export type MetadataRecordName = keyof typeof metadataRecords

type MessageOf<N extends MetadataRecordName> = (typeof metadataRecords)[N]

/** A record of the metadata log as it is read; `type` tells which. */
export type MetadataRecord = {
  readonly [N in MetadataRecordName]: {
    readonly type: N
    readonly version: number
    readonly record: ValueOf<MessageOf<N>>
  }
}[MetadataRecordName]

/** A record of the metadata log to write. */
export type MetadataRecordInput = {
  readonly [N in MetadataRecordName]: {
    readonly type: N
    readonly version: number
    readonly record: ValueInput<MessageOf<N>>
  }
}[MetadataRecordName]

/** The layout of a value of the metadata log: this version, the key and the version of the body as varints, the body. */
const frameVersion = 1

const namesByKey: ReadonlyMap<number, MetadataRecordName> = new Map(
  Object.entries(metadataRecords).map(([name, { key }]) => [key ?? 0, name as MetadataRecordName]),
)

/** The value of the record that stands for this in the metadata log. */
export const encodeMetadataRecord = (input: MetadataRecordInput): Buffer => {
  const message: AnyMessage = metadataRecords[input.type]
  const writer = new Writer(128)
  writer.unsignedVarint(frameVersion)
  writer.unsignedVarint(message.key ?? 0)
  writer.unsignedVarint(input.version)
  message.write(writer, input.record, input.version)
  return Buffer.concat(writer.finish())
}

/** Reads the value of a record of the metadata log. Throws `WireError`. */
export const decodeMetadataRecord = (value: Uint8Array): MetadataRecord => {
  const reader = new Reader(value)
  const frame = reader.unsignedVarint()
  if (frame !== frameVersion) throw new WireError(`metadata frame version ${frame} is unknown`)
  const key = reader.unsignedVarint()
  const type = namesByKey.get(key)
  if (type === undefined) throw new WireError(`metadata record type ${key} is unknown`)
  const version = reader.unsignedVarint()
  const message: AnyMessage = metadataRecords[type]
  return { type, version, record: message.read(reader, version) } as MetadataRecord
}
