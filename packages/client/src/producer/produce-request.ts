import { Produce, type ProduceResponse, type RequestInput, ZERO_UUID } from '@varve/protocol'
import type { ClusterImage } from '../cluster/image.ts'
import type { ProducerBatch } from './batch.ts'
import type { PartitionQueue } from './partition-queue.ts'

/** A batch on its way, and the queue that it belongs to. */
export interface SentBatch {
  readonly queue: PartitionQueue
  readonly batch: ProducerBatch
}

export type PartitionAnswer = ProduceResponse['responses'][number]['partitionResponses'][number]

export interface ProduceCall {
  readonly request: RequestInput<typeof Produce>
  /** The newest version that all its topics can be named in. */
  readonly newestVersion: number
}

/** KIP-516: from this version on topics are named by id. */
const FIRST_VERSION_BY_ID = 13

/** The request that carries these batches, at most one per partition. */
export function produceCall(
  sent: readonly SentBatch[],
  image: ClusterImage,
  options: {
    readonly acks: number
    readonly timeoutMs: number
    readonly transactionalId: string | null
  },
): ProduceCall {
  type Topic = {
    name: string
    topicId: string
    partitionData: { index: number; records: Uint8Array }[]
  }
  const topics = new Map<string, Topic>()
  let newestVersion: number = Produce.versions[1]
  for (const { batch } of sent) {
    let topic = topics.get(batch.topic)
    if (topic === undefined) {
      const topicId = image.topics.get(batch.topic)?.topicId ?? ZERO_UUID
      if (topicId === ZERO_UUID) newestVersion = FIRST_VERSION_BY_ID - 1
      topic = { name: batch.topic, topicId, partitionData: [] }
      topics.set(batch.topic, topic)
    }
    topic.partitionData.push({ index: batch.partition, records: batch.bytes })
  }
  return { request: { ...options, topicData: [...topics.values()] }, newestVersion }
}

/** The answer to each batch, in their order; undefined where the broker left it out. */
export function answersOf(
  sent: readonly SentBatch[],
  call: ProduceCall,
  response: ProduceResponse,
): readonly (PartitionAnswer | undefined)[] {
  const names = new Map(call.request.topicData.map(({ name, topicId }) => [topicId, name]))
  const answers = new Map<string, PartitionAnswer>()
  for (const topic of response.responses) {
    const name = topic.name === '' ? names.get(topic.topicId) : topic.name
    for (const answer of topic.partitionResponses) answers.set(`${answer.index} ${name}`, answer)
  }
  return sent.map(({ batch }) => answers.get(`${batch.partition} ${batch.topic}`))
}
