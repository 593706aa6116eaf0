/** Metadata changes as the values of KRaft records, in the record versions that Kafka 4.2 writes. */
import { Buffer } from 'node:buffer'
import { decodeMetadataRecord, encodeMetadataRecord, WireError, ZERO_UUID } from '@varve/protocol'
import type { MetadataChange, ScramCredential } from './change.ts'
import { keptRecordOf } from './kept-record.ts'
import { MetadataLogError } from './metadata-log-error.ts'
import { orderedEntity } from './quota-entity.ts'

export function encodeChange(change: MetadataChange): Buffer {
  switch (change.type) {
    case 'TopicRecord':
    case 'RemoveTopicRecord':
    case 'ConfigRecord':
    case 'FeatureLevelRecord':
    case 'UnregisterBrokerRecord':
    case 'ClientQuotaRecord':
    case 'UserScramCredentialRecord':
    case 'RemoveUserScramCredentialRecord':
      return encodeMetadataRecord({ type: change.type, version: 0, record: change } as Parameters<
        typeof encodeMetadataRecord
      >[0])
    case 'PartitionRecord':
      return encodeMetadataRecord({
        type: 'PartitionRecord',
        version: 1,
        record: {
          ...partitionFields(change),
          removingReplicas: [],
          addingReplicas: [],
          directories: change.replicas.map(() => ZERO_UUID),
        },
      })
    case 'ProducerIdsRecord':
      return encodeMetadataRecord({
        type: 'ProducerIdsRecord',
        version: 0,
        record: {
          brokerId: change.brokerId,
          brokerEpoch: -1,
          nextProducerId: change.nextProducerId,
        },
      })
    case 'RegisterBrokerRecord':
      return encodeMetadataRecord({
        type: 'RegisterBrokerRecord',
        version: 3,
        // As brokers of Kafka's register: it lets one in again at once that is fenced, and another only when its session is over.
        record: { ...registrationFields(change), features: [], fenced: true },
      })
    case 'KeptRecord':
      return Buffer.from(change.value)
  }
}

/** The change that a record stands for; undefined for one that changes nothing. */
export function decodeChange(value: Uint8Array): MetadataChange | undefined {
  const decoded = decode(value)
  const kept = keptRecordOf(decoded, value)
  if (kept !== undefined) return kept
  const { type, record } = decoded
  switch (type) {
    case 'TopicRecord':
      return { type, name: record.name, topicId: record.topicId }
    case 'RemoveTopicRecord':
      return { type, topicId: record.topicId }
    case 'ConfigRecord': {
      const { resourceType, resourceName, name } = record
      return { type, resourceType, resourceName, name, value: record.value }
    }
    case 'FeatureLevelRecord':
      return { type, name: record.name, featureLevel: record.featureLevel }
    case 'PartitionRecord':
      return { type, ...partitionFields(record) }
    case 'ProducerIdsRecord':
      return { type, brokerId: record.brokerId, nextProducerId: record.nextProducerId }
    case 'RegisterBrokerRecord':
      return { type, ...registrationFields(record) }
    case 'UnregisterBrokerRecord':
      return { type, brokerId: record.brokerId, brokerEpoch: record.brokerEpoch }
    case 'ClientQuotaRecord': {
      const { entity, key, value: quota, remove } = record
      return { type, entity: orderedEntity(entity), key, value: quota, remove }
    }
    case 'UserScramCredentialRecord':
      return { type, name: record.name, mechanism: record.mechanism, ...credentialFields(record) }
    case 'RemoveUserScramCredentialRecord':
      return { type, name: record.name, mechanism: record.mechanism }
    case 'NoOpRecord':
      return undefined
    case 'PartitionChangeRecord':
    case 'FenceBrokerRecord':
    case 'UnfenceBrokerRecord':
    case 'DelegationTokenRecord':
    case 'BrokerRegistrationChangeRecord':
    case 'AccessControlEntryRecord':
    case 'RemoveAccessControlEntryRecord':
    case 'ZkMigrationStateRecord':
    case 'BeginTransactionRecord':
    case 'EndTransactionRecord':
    case 'AbortTransactionRecord':
    case 'RemoveDelegationTokenRecord':
    case 'RegisterControllerRecord':
    case 'ClearElrRecord':
      throw new MetadataLogError(
        `The metadata log holds a ${type}, written by Kafka or another version of Varve, and this one cannot read it.`,
      )
  }
}

/** Kafka, and versions of Varve yet to come, write records that this one does not know. */
function decode(value: Uint8Array): ReturnType<typeof decodeMetadataRecord> {
  try {
    return decodeMetadataRecord(value)
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    throw new MetadataLogError(
      `The metadata log was written by Kafka or another version of Varve, and this one cannot read it: ${error.message}.`,
    )
  }
}

type Partition = Omit<Extract<MetadataChange, { type: 'PartitionRecord' }>, 'type'>

function partitionFields(from: Partition): Partition {
  const { topicId, partitionId, replicas, isr, leader, leaderEpoch, partitionEpoch } = from
  return { topicId, partitionId, replicas, isr, leader, leaderEpoch, partitionEpoch }
}

type Registration = Omit<Extract<MetadataChange, { type: 'RegisterBrokerRecord' }>, 'type'>

function registrationFields(from: Registration): Registration {
  const { brokerId, incarnationId, brokerEpoch, endPoints, rack, logDirs } = from
  return { brokerId, incarnationId, brokerEpoch, endPoints, rack, logDirs }
}

/** Copies: the record's bytes lie in the batch that it was read from. */
function credentialFields(
  from: {
    readonly [field in 'salt' | 'storedKey' | 'serverKey']: Uint8Array
  } & { readonly iterations: number },
): ScramCredential {
  return {
    salt: Uint8Array.from(from.salt),
    storedKey: Uint8Array.from(from.storedKey),
    serverKey: Uint8Array.from(from.serverKey),
    iterations: from.iterations,
  }
}
