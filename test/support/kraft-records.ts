import { Buffer } from 'node:buffer'
import {
  decodeMetadataRecord,
  encodeMetadataRecord,
  type MetadataRecordInput,
} from '@varve/protocol'
import type { KraftRecord } from '../../packages/broker/src/metadata/kraft-log.ts'

/** A record as the log of Kafka's controller has it. */
export function kraftRecord(input: MetadataRecordInput): KraftRecord {
  const value = encodeMetadataRecord(input)
  return { record: decodeMetadataRecord(value), value }
}

export const DIRECTORY_ID = 'V_zh3ReCOStx8vRYTEkZkw'
export const KRAFT_TOPIC_ID = 'Bz7ZC7yDQd6XVpBRMR2PVQ'

export const kraftFeature = (name: string, featureLevel: number): KraftRecord =>
  kraftRecord({ type: 'FeatureLevelRecord', version: 0, record: { name, featureLevel } })

/** A topic with one partition on these nodes. */
export function kraftTopic(
  name: string,
  more: {
    readonly topicId?: string
    readonly replicas?: readonly number[]
    readonly directories?: readonly string[]
  } = {},
): KraftRecord[] {
  const { topicId = KRAFT_TOPIC_ID, replicas = [1], directories = [DIRECTORY_ID] } = more
  const partition = {
    ...{ partitionId: 0, topicId, replicas, isr: replicas, directories },
    ...{ removingReplicas: [], addingReplicas: [], leaderRecoveryState: 0 },
    ...{ leader: replicas[0] ?? -1, leaderEpoch: 4, partitionEpoch: 9 },
  }
  return [
    kraftRecord({ type: 'TopicRecord', version: 0, record: { name, topicId } }),
    kraftRecord({ type: 'PartitionRecord', version: 1, record: partition }),
  ]
}

export function kraftPartitionChange(leader: number): KraftRecord {
  const record = { partitionId: 0, topicId: KRAFT_TOPIC_ID, leader }
  return kraftRecord({ type: 'PartitionChangeRecord', version: 0, record })
}

export function kraftConfig(resourceName: string, name: string, value: string | null): KraftRecord {
  const record = { resourceType: 2, resourceName, name, value }
  return kraftRecord({ type: 'ConfigRecord', version: 0, record })
}

/** Bytes as they are compared. */
export const hex = (bytes: Uint8Array | undefined): string =>
  Buffer.from(bytes ?? []).toString('hex')
