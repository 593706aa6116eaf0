/** Where the markers that end transactions are written: one way for coordinators and for WriteTxnMarkers. */
import type { ErrorName } from '@varve/protocol'
import type { TransactionMarker } from '../log/transaction-marker.ts'
import type { MetadataImage } from '../metadata/image.ts'
import type { Partition } from '../replication/partition.ts'
import type { Clock } from '../world.ts'
import { OFFSETS_TOPIC } from './group/offsets-topic.ts'

export type { TransactionMarker } from '../log/transaction-marker.ts'

export interface MarkerTargets {
  /**
   * Ends the transaction of the marker's producer in one partition. `NONE` once that is committed: also when it had ended there before.
   * `UNKNOWN_TOPIC_OR_PARTITION` when the partition is gone, `INVALID_PRODUCER_EPOCH` and `TRANSACTION_COORDINATOR_FENCED` when somebody newer
   * has written; with other errors the caller tries again. Never rejects.
   */
  write(topic: string, partition: number, marker: TransactionMarker): Promise<ErrorName>
}

export interface BrokerMarkersOptions {
  readonly brokerId: number
  readonly clock: Clock
  readonly metadata: { readonly image: MetadataImage }
  readonly partitions: { get(topicId: string, partition: number): Partition | undefined }
  /** Committed offsets take their markers through the group coordinator, which has to know of them. */
  readonly groups: { writeMarker(partition: number, marker: TransactionMarker): Promise<ErrorName> }
}

/** Writes into the partitions that this broker leads. */
export class BrokerMarkers implements MarkerTargets {
  readonly #options: BrokerMarkersOptions

  constructor(options: BrokerMarkersOptions) {
    this.#options = options
  }

  write(topic: string, partition: number, marker: TransactionMarker): Promise<ErrorName> {
    const { metadata, brokerId, groups } = this.#options
    const image = metadata.image.topics.byName.get(topic)
    const place = image?.partitions[partition]
    if (image === undefined || place === undefined)
      return Promise.resolve('UNKNOWN_TOPIC_OR_PARTITION')
    if (place.leader !== brokerId) return Promise.resolve('NOT_LEADER_OR_FOLLOWER')
    if (topic === OFFSETS_TOPIC) return groups.writeMarker(partition, marker)
    const led = this.#options.partitions.get(image.topicId, partition)
    return led === undefined ? Promise.resolve('NOT_LEADER_OR_FOLLOWER') : this.#append(led, marker)
  }

  async #append(partition: Partition, marker: TransactionMarker): Promise<ErrorName> {
    if (!partition.hasFolder) {
      const error = await partition.makeFolder()
      if (error !== 'NONE') return error
    }
    const appended = partition.appendMarker(marker, this.#options.clock.now())
    if ('error' in appended) return appended.error
    return new Promise(resolve => partition.whenCommitted(appended.lastOffset + 1, resolve))
  }
}
