import { crc32c, nodeCodecs } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { ProducerBatch } from '../../../../packages/client/src/producer/batch.ts'
import { PartitionQueue } from '../../../../packages/client/src/producer/partition-queue.ts'

const identity = { producerId: 7, producerEpoch: 0 }
const always = () => true

function batchOf(recordsCount: number): ProducerBatch {
  const batch = new ProducerBatch({
    topic: 't',
    partition: 0,
    createdAt: 0,
    deadline: 1,
    firstNumber: 0,
  })
  for (let index = 0; index < recordsCount; index += 1) {
    batch.append({ key: null, value: 'v', headers: [], timestamp: 0 }, () => {}, 0)
  }
  return batch
}

function queueOf(...counts: readonly number[]) {
  const queue = new PartitionQueue('t', 0)
  for (const count of counts) {
    queue.open = batchOf(count)
    queue.close()
  }
  const sendNext = () => {
    const batch = queue.next(5, always)
    if (batch === undefined) return undefined
    if (!batch.isSealed) {
      const stamp = queue.stampFor(batch, identity)
      batch.seal({
        stamp,
        compression: 'none',
        level: undefined,
        isTransactional: false,
        platform: { crc32c, codecs: nodeCodecs() },
      })
    }
    queue.sent(batch)
    return batch
  }
  const acknowledge = (batch: ProducerBatch | undefined) => {
    queue.answered(batch as ProducerBatch)
    queue.acknowledged(batch as ProducerBatch)
  }
  return { queue, sendNext, acknowledge }
}

describe('PartitionQueue', () => {
  it('sends no sixth batch while the first has to be repeated, for the leader remembers five', () => {
    const { queue, sendNext, acknowledge } = queueOf(1, 1, 1, 1, 1, 1, 1)
    acknowledge(sendNext())
    const [inDoubt, ...others] = [1, 2, 3, 4, 5].map(sendNext)
    for (const batch of others) acknowledge(batch)
    queue.answered(inDoubt as ProducerBatch)
    queue.retry()
    expect(sendNext()).toBe(inDoubt)
    expect(sendNext()).toBeUndefined()
    acknowledge(inDoubt)
    expect(sendNext()).toBeDefined()
  })

  it('sends the first batch alone, then as many as may be under way', () => {
    const { queue, sendNext, acknowledge } = queueOf(1, 1, 1, 1, 1, 1, 1)
    const first = sendNext()
    expect(sendNext()).toBeUndefined()
    acknowledge(first)
    const sent = [1, 2, 3, 4, 5, 6].map(sendNext)
    expect(sent.filter(batch => batch !== undefined)).toHaveLength(5)
    expect(queue.inFlight).toBe(5)
  })

  it('gives batches consecutive places in the sequence', () => {
    const { sendNext, acknowledge } = queueOf(3, 2, 4)
    const first = sendNext()
    acknowledge(first)
    const sequences = [first, sendNext(), sendNext()].map(batch => batch?.stamp.baseSequence)
    expect(sequences).toEqual([0, 3, 5])
  })

  it('sends again from the lowest sequence on, once nothing is under way', () => {
    const { queue, sendNext, acknowledge } = queueOf(1, 1, 1, 1)
    acknowledge(sendNext())
    const [second, third] = [sendNext(), sendNext()] as [ProducerBatch, ProducerBatch]
    queue.answered(second)
    queue.retry()
    expect(sendNext()).toBeUndefined()
    queue.answered(third)
    expect([sendNext(), sendNext()]).toEqual([second, third])
    const newer = sendNext()
    expect(newer?.stamp.baseSequence).toBe(3)
  })

  it('begins a new sequence with what is unresolved under a new identity', () => {
    const { queue, sendNext, acknowledge } = queueOf(1, 2, 3)
    acknowledge(sendNext())
    const sent = [sendNext(), sendNext()] as [ProducerBatch, ProducerBatch]
    for (const batch of sent) queue.answered(batch)
    queue.needsNewIdentity = true
    queue.retry()
    queue.renew({ producerId: 8, producerEpoch: 0 }, crc32c)
    expect(sent.map(({ stamp }) => [stamp.producerId, stamp.baseSequence])).toEqual([
      [8, 0],
      [8, 2],
    ])
    expect(queue.needsNewIdentity).toBe(false)
    expect(sendNext()).toBe(sent[0])
    expect(sendNext(), 'the first one under an identity goes alone').toBeUndefined()
  })

  it('takes a place in the sequence back', () => {
    const { queue, sendNext, acknowledge } = queueOf(1, 1, 1)
    acknowledge(sendNext())
    const refused = sendNext() as ProducerBatch
    queue.answered(refused)
    queue.resolve(refused)
    queue.rewind(refused)
    expect(sendNext()?.stamp.baseSequence).toBe(1)
  })

  it('sends the open batch only when it is due', () => {
    const queue = new PartitionQueue('t', 0)
    queue.open = batchOf(1)
    expect(queue.next(5, () => false)).toBeUndefined()
    expect(queue.next(5, always)).toBe(queue.open)
    expect(queue.isEmpty).toBe(false)
    expect(queue.batches()).toHaveLength(1)
  })
})
