import { crc32c, nodeCodecs, ZERO_UUID } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { EMPTY_IMAGE } from '../../../../packages/client/src/cluster/image.ts'
import { NO_STAMP, ProducerBatch } from '../../../../packages/client/src/producer/batch.ts'
import { PartitionQueue } from '../../../../packages/client/src/producer/partition-queue.ts'
import { answersOf, produceCall } from '../../../../packages/client/src/producer/produce-request.ts'

function sentTo(topic: string, partition: number) {
  const batch = new ProducerBatch({ topic, partition, createdAt: 0, deadline: 1, firstNumber: 0 })
  batch.append({ key: null, value: 'v', headers: [], timestamp: 0 }, () => {}, 0)
  batch.seal({
    stamp: NO_STAMP,
    compression: 'none',
    level: undefined,
    isTransactional: false,
    platform: { crc32c, codecs: nodeCodecs() },
  })
  return { queue: new PartitionQueue(topic, partition), batch }
}

const ID = 'AAAAAAAAAAAAAAAAAAAAAg'
const image = (topicId: string) => ({
  ...EMPTY_IMAGE,
  topics: new Map([
    ['a', { name: 'a', topicId, isInternal: false, error: undefined, partitions: [] }],
  ]),
})

describe('produceCall', () => {
  it('groups batches by topic', () => {
    const sent = [sentTo('a', 0), sentTo('b', 0), sentTo('a', 1)]
    const { request, newestVersion } = produceCall(sent, image(ID), {
      acks: -1,
      timeoutMs: 5,
      transactionalId: null,
    })
    expect(
      request.topicData.map(({ name, partitionData }) => [
        name,
        partitionData.map(({ index }) => index),
      ]),
    ).toEqual([
      ['a', [0, 1]],
      ['b', [0]],
    ])
    expect(newestVersion, 'the id of b is not known').toBe(12)
  })

  it.each([
    ['by name', { name: 'a', topicId: ZERO_UUID }],
    ['by id', { name: '', topicId: ID }],
  ])('finds the answers that name topics %s', (_how, names) => {
    const sent = [sentTo('a', 0), sentTo('a', 1)]
    const call = produceCall(sent, image(ID), { acks: -1, timeoutMs: 5, transactionalId: null })
    expect(call.newestVersion).toBe(13)
    const response = { responses: [{ ...names, partitionResponses: [{ index: 1, errorCode: 6 }] }] }
    const answers = answersOf(sent, call, response as never)
    expect(answers.map(answer => answer?.errorCode)).toEqual([undefined, 6])
  })
})
