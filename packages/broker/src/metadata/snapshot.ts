/**
 * An image as a file, so that the log before it can go: `<end offset>-<epoch>.checkpoint` with a header record, the records that
 * make the image from nothing, and a footer record. It is replaced as a whole, so a crash leaves the old one or the new one.
 */
import { Buffer } from 'node:buffer'
import { recordsOf } from '@varve/protocol'
import { applyAll } from './apply.ts'
import { type MetadataChange, RESOURCE_TYPE } from './change.ts'
import {
  CONTROL_TYPE,
  controlTypeOf,
  snapshotFooterBatch,
  snapshotHeaderBatch,
} from './control-batch.ts'
import { emptyImage, type MetadataImage } from './image.ts'
import { changesOf, metadataBatch } from './metadata-batch.ts'
import { MetadataLogError } from './metadata-log-error.ts'
import { scan } from './scan.ts'

/** The records that make the image from an empty one. Brokers come first: a broker that is new bumps no leader epoch. */
export function* changesThatMake(image: MetadataImage): Generator<MetadataChange> {
  for (const [name, featureLevel] of image.features)
    yield { type: 'FeatureLevelRecord', name, featureLevel }
  for (const broker of image.brokers.values()) yield { type: 'RegisterBrokerRecord', ...broker }
  for (const topic of image.topics.byId.values()) {
    const { topicId, name } = topic
    yield { type: 'TopicRecord', topicId, name }
    for (const [partitionId, partition] of topic.partitions.entries()) {
      yield { type: 'PartitionRecord', topicId, partitionId, ...partition }
    }
    yield* configRecords(RESOURCE_TYPE.TOPIC, new Map([[name, topic.configs]]))
  }
  yield* configRecords(RESOURCE_TYPE.BROKER, image.brokerConfigs)
  yield* configRecords(RESOURCE_TYPE.GROUP, image.groupConfigs)
  yield* configRecords(RESOURCE_TYPE.CLIENT_METRICS, image.clientMetricsConfigs)
  yield* quotaRecords(image)
  yield* credentialRecords(image)
  const { nextProducerId } = image
  if (nextProducerId > 0) yield { type: 'ProducerIdsRecord', brokerId: -1, nextProducerId }
  for (const [key, value] of image.kept) yield { type: 'KeptRecord', key, value }
}

function* configRecords(
  resourceType: number,
  configs: ReadonlyMap<string, ReadonlyMap<string, string>>,
): Generator<MetadataChange> {
  for (const [resourceName, settings] of configs) {
    for (const [name, value] of settings) {
      yield { type: 'ConfigRecord', resourceType, resourceName, name, value }
    }
  }
}

function* quotaRecords({ clientQuotas }: MetadataImage): Generator<MetadataChange> {
  for (const { entity, values } of clientQuotas.values()) {
    for (const [key, value] of values) {
      yield { type: 'ClientQuotaRecord', entity, key, value, remove: false }
    }
  }
}

function* credentialRecords({ scramCredentials }: MetadataImage): Generator<MetadataChange> {
  for (const [name, credentials] of scramCredentials) {
    for (const [mechanism, credential] of credentials) {
      yield { type: 'UserScramCredentialRecord', name, mechanism, ...credential }
    }
  }
}

const RECORDS_PER_BATCH = 1000

/** The bytes of the snapshot of an image. */
export function snapshotBytes(
  image: MetadataImage,
  { leaderEpoch, timestamp }: { readonly leaderEpoch: number; readonly timestamp: number },
): Buffer {
  const place = (baseOffset: number) => ({ baseOffset, leaderEpoch, timestamp })
  const parts = [snapshotHeaderBatch(timestamp, place(0))]
  const changes = [...changesThatMake(image)]
  for (let index = 0; index < changes.length; index += RECORDS_PER_BATCH) {
    parts.push(metadataBatch(changes.slice(index, index + RECORDS_PER_BATCH), place(1 + index)))
  }
  parts.push(snapshotFooterBatch(place(1 + changes.length)))
  return Buffer.concat(parts)
}

/** The image that a snapshot holds. Throws `MetadataLogError` when it is not whole. */
export function imageOfSnapshot(
  bytes: Buffer,
  snapshot: { readonly path: string; readonly revision: number; readonly clusterId: string },
): MetadataImage {
  const { batches, rest } = scan(bytes, 0)
  const first = batches[0]
  const last = batches.at(-1)
  const isWhole =
    rest === 'nothing' &&
    controlTypeOfBatch(first) === CONTROL_TYPE.SNAPSHOT_HEADER &&
    controlTypeOfBatch(last) === CONTROL_TYPE.SNAPSHOT_FOOTER
  if (!isWhole) {
    throw new MetadataLogError(
      `The metadata snapshot ${snapshot.path} is damaged; restore it from a copy.`,
    )
  }
  const changes = batches.filter(batch => !batch.isControl).flatMap(changesOf)
  return { ...applyAll(emptyImage(snapshot.clusterId), changes), revision: snapshot.revision }
}

function controlTypeOfBatch(
  batch: Parameters<typeof changesOf>[0] | undefined,
): number | undefined {
  if (batch === undefined || !batch.isControl) return undefined
  const [record] = recordsOf(batch)
  return controlTypeOf(record?.key ?? null)
}
