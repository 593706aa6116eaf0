import { BatchBuilder } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { fetch } from '../../../../packages/broker/src/handlers/fetch.ts'
import { readRecords } from '../../../../packages/broker/src/handlers/stable-read.ts'
import type {
  Partition,
  ReadRequest,
} from '../../../../packages/broker/src/replication/partition.ts'
import { memoryBroker, NOW } from '../../../support/memory-broker.ts'

const sent = (producerId: number, baseSequence = 0) => {
  const builder = new BatchBuilder()
  builder.append({ key: 'k', value: 'v', timestamp: NOW })
  return builder.build({ producerId, producerEpoch: 0, baseSequence, isTransactional: true })
}

async function given() {
  const { ask, clock, partition } = await memoryBroker({ topics: { orders: 1 } })
  const log = partition('orders', 0)
  const write = (producerId: number, baseSequence = 0) => {
    log.append(sent(producerId, baseSequence), { now: NOW, verification: 'off' })
    clock.turn()
  }
  const end = (producerId: number, result: 'commit' | 'abort') => {
    const marker = { producerId, producerEpoch: 0, coordinatorEpoch: 0, transactionVersion: 0 }
    log.appendMarker({ ...marker, result }, NOW)
    clock.turn()
  }
  const read = (fetchOffset: number, maxWaitMs = 0, isolationLevel = 1, sessionEpoch = -1) =>
    ask(fetch, 12, {
      ...{ maxWaitMs, minBytes: 1, isolationLevel, sessionEpoch, forgottenTopicsData: [] },
      topics: [
        {
          topic: 'orders',
          partitions: [{ partition: 0, fetchOffset, partitionMaxBytes: 1_000_000 }],
        },
      ],
    })
  /** In the session of that id, about the partitions that it has. */
  const readOn = (sessionId: number, sessionEpoch: number, minBytes: number) =>
    ask(fetch, 12, {
      ...{ sessionId, sessionEpoch, minBytes, maxWaitMs: 10_000, isolationLevel: 1 },
      ...{ topics: [], forgottenTopicsData: [] },
    })
  return { clock, log, write, end, read, readOn }
}

type Read = ReturnType<Awaited<ReturnType<typeof given>>['read']>
const partOf = ({ answer }: Read) => answer?.responses?.[0]?.partitions[0]
const bytesOf = (read: Read) =>
  [partOf(read)?.records ?? []].flat().reduce((sum, part) => sum + (part as Uint8Array).length, 0)

describe('a fetch of committed records', () => {
  it('ends where a transaction is open, and tells what was aborted before', async () => {
    const { write, end, read } = await given()
    write(1)
    end(1, 'abort')
    write(2)
    write(3)
    end(3, 'abort')
    const answer = read(0)
    expect(partOf(answer)).toMatchObject({
      highWatermark: 5,
      lastStableOffset: 2,
      abortedTransactions: [{ producerId: 1, firstOffset: 0 }],
    })
    expect(bytesOf(answer)).toBe(sent(1).length + 78)
    expect(partOf(read(0, 0, 0))?.abortedTransactions).toBeNull()
  })

  it('waits while a transaction is open, whatever is written, and gets all of it at its end', async () => {
    const { write, end, read } = await given()
    write(1)
    const waiting = read(0, 10_000)
    write(2)
    write(1, 1)
    expect(waiting.answer).toBeUndefined()
    end(2, 'commit')
    expect(waiting.answer).toBeUndefined()
    end(1, 'commit')
    expect(partOf(waiting)).toMatchObject({ lastStableOffset: 5, abortedTransactions: [] })
    expect(bytesOf(waiting)).toBeGreaterThan(3 * sent(1).length)
  })

  it('waits in a session too, and counts what the marker sets free', async () => {
    const { write, end, read, readOn } = await given()
    write(1)
    const first = read(0, 0, 1, 0)
    expect(partOf(first)).toMatchObject({ highWatermark: 1, lastStableOffset: 0 })
    const all = 2 * sent(1).length + 78
    const waiting = readOn(first.answer?.sessionId ?? 0, 1, all)
    write(1, 1)
    expect(waiting.answer).toBeUndefined()
    end(1, 'abort')
    expect(partOf(waiting)).toMatchObject({
      ...{ highWatermark: 3, lastStableOffset: 3 },
      abortedTransactions: [{ producerId: 1, firstOffset: 0 }],
    })
    expect(bytesOf(waiting)).toBe(all)
  })

  it('reads again what compaction has replaced before the aborted transactions were known', async () => {
    const parts = [sent(1)]
    let replacements = 0
    const released: number[] = []
    const partition = {
      logStartOffset: 0,
      get segmentReplacements() {
        return replacements
      },
      mayHaveAborted: () => true,
      read: () => {
        const at = replacements
        return { parts, sizeBytes: 1, release: () => void released.push(at) }
      },
      abortedBetween: () => {
        if (replacements > 0) return [{ producerId: 1, firstOffset: 0 }]
        replacements++
        return Promise.resolve([])
      },
    } as unknown as Partition
    const request: ReadRequest = {
      ...{ offset: 0, maxBytes: 1000, upTo: 'last stable offset', firstBatchWhole: true },
    }
    const read = await readRecords(partition, request)
    expect(read.aborted).toEqual([{ producerId: 1, firstOffset: 0 }])
    expect(released).toEqual([0])
  })
})
