import { BatchBuilder, crc32c, encodeResponse, Fetch } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { FetchWalk, type WalkedBatch } from '../../bench/fetch-walk.ts'
import { FETCH_VERSION } from '../../bench/frames.ts'

function batch(baseOffset: number, records: number): Buffer {
  const builder = new BatchBuilder(1_000)
  for (let index = 0; index < records; index += 1)
    builder.append({ key: null, value: Buffer.from(`record ${index}`), timestamp: 1 })
  const built = Buffer.from(builder.build({ crc32c }))
  built.writeBigInt64BE(BigInt(baseOffset))
  return built
}

function answer(records: Buffer | null, errorCode: number): Buffer {
  const partition = {
    ...{ partitionIndex: 3, errorCode, highWatermark: 2 ** 33 + 7, records },
    abortedTransactions: null,
  }
  const response = {
    errorCode: 0,
    sessionId: 0,
    responses: [{ topic: 'walked', partitions: [partition] }],
  }
  return Buffer.concat(encodeResponse(Fetch, FETCH_VERSION, 1, response))
}

describe('FetchWalk', () => {
  it('tells every whole batch of the answers, wherever they are cut', () => {
    const cut = batch(12, 4).subarray(0, 70)
    const first = answer(Buffer.concat([batch(5, 2), batch(7, 5), cut]), 0)
    const second = answer(batch(12, 4), 0)
    const bytes = Buffer.concat([first, second])
    for (let at = 1; at < bytes.length; at += 1) {
      const seen: WalkedBatch[] = []
      let answers = 0
      const walk = new FetchWalk('walked', one => seen.push(one))
      for (const chunk of [bytes.subarray(0, at), bytes.subarray(at)]) {
        for (let from = 0; from < chunk.length; ) {
          from = walk.take(chunk, from)
          if (walk.isDone) answers += 1
        }
      }
      expect(answers).toBe(2)
      expect(walk.highWatermark).toBe(2 ** 33 + 7)
      expect(seen).toEqual([
        { baseOffset: 5, lastOffset: 6, records: 2 },
        { baseOffset: 7, lastOffset: 11, records: 5 },
        { baseOffset: 12, lastOffset: 15, records: 4 },
      ])
    }
  })

  it('tells the error of the partition', () => {
    const walk = new FetchWalk('walked', () => undefined)
    const bytes = answer(null, 1)
    expect(walk.take(bytes, 0)).toBe(bytes.length)
    expect(walk.isDone).toBe(true)
    expect(walk.errorCode).toBe(1)
    expect(walk.recordsBytes).toBe(0)
  })
})
