import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppendChunk } from '../../packages/broker/src/log/append-chunk.ts'
import type { ReadResult } from '../../packages/broker/src/log/read-result.ts'
import type { TailBlock } from '../../packages/broker/src/log/tail-block.ts'
import { Tail, TailCache } from '../../packages/broker/src/log/tail-cache.ts'
import { MemoryClock } from '../../packages/broker/src/memory/clock.ts'

const LOGS = 3
const BATCH_HEADER_BYTES = 61

type Step =
  | { readonly type: 'append'; readonly log: number; readonly sizeBytes: number }
  | { readonly type: 'commit' | 'read' | 'clear'; readonly log: number; readonly back: number }
  | { readonly type: 'release'; readonly which: number }

const log = fc.nat(LOGS - 1)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('append' as const),
      log,
      sizeBytes: fc.integer({ min: BATCH_HEADER_BYTES, max: 90_000 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('read' as const), log, back: fc.nat(20) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('commit' as const), log, back: fc.nat(5) }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('release' as const), which: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('clear' as const), log, back: fc.constant(0) }),
  },
)

/** A batch of one record whose bytes tell which log and offset it belongs to. */
function batchOf(logIndex: number, offset: number, sizeBytes: number): Buffer {
  const batch = Buffer.alloc(sizeBytes, (logIndex * 89 + offset * 7) & 0xff)
  batch.writeBigInt64BE(BigInt(offset), 0)
  batch.writeInt32BE(sizeBytes - 12, 8)
  batch.writeInt32BE(0, 23)
  return batch
}

interface Uncommitted {
  readonly block: TailBlock
  readonly start: number
  readonly bytes: Buffer
}

/** One log's appends, without its disk: batches hold their blocks until they are committed. */
class ModelLog {
  readonly tail: Tail
  readonly chunk: AppendChunk
  readonly batches: Buffer[] = []
  readonly uncommitted: Uncommitted[] = []

  constructor(cache: TailCache, clock: MemoryClock) {
    this.tail = new Tail(cache)
    this.chunk = new AppendChunk(cache, this.tail, clock)
  }
}

describe('the blocks of the tail cache', () => {
  it('are written to again only when neither a slow reader nor the journal needs what is in them', () => {
    let reusedCount = 0
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 50, maxLength: 400 }),
        fc.integer({ min: 0, max: 400_000 }),
        (steps, budgetBytes) => {
          const cache = new TailCache(budgetBytes)
          const clock = new MemoryClock({ now: 0 })
          const logs = Array.from({ length: LOGS }, () => new ModelLog(cache, clock))
          const lent: { readonly read: ReadResult; readonly expected: Buffer }[] = []
          const buffers = new Set<Buffer>()
          const blocks = new Set<TailBlock>()
          for (const one of steps) {
            switch (one.type) {
              case 'append': {
                const model = logs[one.log] as ModelLog
                const offset = model.batches.length
                const bytes = batchOf(one.log, offset, one.sizeBytes)
                const { block, start } = model.chunk.keep(bytes)
                const place = { start, end: start + bytes.length }
                model.tail.add(block, { ...place, baseOffset: offset, endOffset: offset + 1 })
                model.batches.push(bytes)
                model.uncommitted.push({ block, start, bytes })
                blocks.add(block)
                buffers.add(block.buffer)
                break
              }
              case 'commit': {
                const { uncommitted } = logs[one.log] as ModelLog
                for (const { block, start, bytes } of uncommitted.splice(0, one.back)) {
                  expect(
                    block.buffer.compare(bytes, 0, bytes.length, start, start + bytes.length),
                  ).toBe(0)
                  block.letGo()
                }
                break
              }
              case 'read': {
                const { tail, batches } = logs[one.log] as ModelLog
                const offset = Math.max(0, batches.length - 1 - one.back)
                const endOffset = batches.length
                const range = { offset, endOffset, maxBytes: 150_000, firstBatchWhole: true }
                const read = tail.read(range)
                if (read === undefined || read.sizeBytes === 0) break
                const expected = Buffer.concat(batches.slice(offset)).subarray(0, read.sizeBytes)
                lent.push({ read, expected })
                break
              }
              case 'release':
                lent.splice(one.which % (lent.length + 1), 1)[0]?.read.release?.()
                break
              case 'clear': {
                const { tail, chunk } = logs[one.log] as ModelLog
                tail.clear()
                chunk.release()
                break
              }
            }
            for (const { read, expected } of lent)
              expect(Buffer.concat(read.parts).equals(expected)).toBe(true)
          }
          reusedCount += blocks.size - buffers.size
        },
      ),
      { numRuns: 60 },
    )
    expect(reusedCount).toBeGreaterThan(0)
  })
})
