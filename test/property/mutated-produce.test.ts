/** Whatever becomes of the bytes of a Produce on their way, the broker goes on, and its log holds only batches that a stranger can read. */
import { type Log, type RunningBroker, startBroker } from '@varve/broker'
import {
  ApiVersions,
  crc32c,
  encodeRequest,
  nodeCodecs,
  Produce,
  RecordBatch,
} from '@varve/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Canary } from '../support/canary.ts'
import { RawConnection } from '../support/raw-connection.ts'
import { batchOf } from '../support/record-batches.ts'
import { problemsOfLog } from '../support/strict-batches.ts'

const SIZE_BYTES = 4
const BATCH_HEADER_BYTES = 61
const codecs = nodeCodecs()

const batches = [
  batchOf({ values: ['one', 'two', null], key: Buffer.from('key') }),
  batchOf({ values: ['one'], producerId: 9, producerEpoch: 0, baseSequence: 0 }),
  batchOf({ values: ['a', 'b'.repeat(300)], compression: 'lz4', codecs }),
  batchOf({ values: ['a', 'b'.repeat(300)], compression: 'zstd', codecs }),
]

/** One change of some bytes: where, counted in thousandths of the length, and what. */
const change = fc.oneof(
  fc.record({
    type: fc.constant('flip' as const),
    at: fc.nat(999),
    mask: fc.integer({ min: 1, max: 255 }),
  }),
  fc.record({
    type: fc.constant('int32' as const),
    at: fc.nat(999),
    value: fc.constantFrom(0, -1, -2, 1, 5, 0x7fffffff, -0x80000000, 0x00ffffff),
  }),
  fc.record({
    type: fc.constant('remove' as const),
    at: fc.nat(999),
    count: fc.integer({ min: 1, max: 40 }),
  }),
  fc.record({
    type: fc.constant('insert' as const),
    at: fc.nat(999),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }),
  }),
  fc.record({
    type: fc.constant('repeat' as const),
    at: fc.nat(999),
    count: fc.integer({ min: 1, max: 100 }),
  }),
)
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never

const changed = (bytes: Buffer, { at: thousandths, ...what }: Change): Buffer => {
  const at = Math.floor((bytes.length * thousandths) / 1000)
  switch (what.type) {
    case 'flip': {
      const copy = Buffer.from(bytes)
      copy[at] = (copy[at] ?? 0) ^ what.mask
      return copy
    }
    case 'int32': {
      const copy = Buffer.from(bytes)
      if (at + 4 <= copy.length) copy.writeInt32BE(what.value, at)
      return copy
    }
    case 'remove':
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + what.count)])
    case 'insert':
      return Buffer.concat([bytes.subarray(0, at), what.bytes, bytes.subarray(at)])
    case 'repeat':
      return Buffer.concat([bytes.subarray(0, at + what.count), bytes.subarray(at)])
  }
}

/** What is changed: the whole request; or the batch alone, and then it may get the checksum and the length that belong to it. */
const mutation = fc.record({
  batch: fc.nat(batches.length - 1),
  version: fc.integer({ min: 3, max: 12 }),
  within: fc.constantFrom('request', 'batch', 'batch header'),
  repair: fc.constantFrom('nothing', 'checksum', 'checksum and length'),
  changes: fc.array(change, { minLength: 1, maxLength: 4 }),
})
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never

const frameOf = ({ batch: index, version, within, repair, changes }: Mutation): Buffer => {
  const original = Buffer.from(batches[index] ?? Buffer.alloc(0))
  let batch: Buffer = original
  if (within === 'batch') batch = changes.reduce(changed, batch)
  if (within === 'batch header') {
    const header = changes.reduce(changed, batch.subarray(0, BATCH_HEADER_BYTES))
    batch = Buffer.concat([header, batch.subarray(BATCH_HEADER_BYTES)])
  }
  if (within !== 'request' && batch.length >= BATCH_HEADER_BYTES) repaired(batch, repair)
  const request = Buffer.concat(
    encodeRequest(
      Produce,
      version,
      { correlationId: 1, clientId: 'fuzz' },
      {
        transactionalId: null,
        acks: -1,
        timeoutMs: 1000,
        topicData: [{ name: 'orders', partitionData: [{ index: 0, records: batch }] }],
      },
    ),
  )
  if (within !== 'request') return request
  // The size in front is made to fit: what a wrong one does is another test's affair.
  const body = changes.reduce(changed, request.subarray(SIZE_BYTES))
  const size = Buffer.alloc(SIZE_BYTES)
  size.writeInt32BE(body.length)
  return Buffer.concat([size, body])
}

function repaired(batch: Buffer, repair: Mutation['repair']): void {
  if (repair === 'nothing') return
  if (repair === 'checksum and length') batch.writeInt32BE(batch.length - 12, 8)
  if (new RecordBatch(batch).sizeBytes <= batch.length && new RecordBatch(batch).sizeBytes > 21) {
    new RecordBatch(batch).writeCrc(crc32c)
  }
}

/** Sends the frame and a request that ends all waiting; resolves when the broker is done with both, in whatever way. */
async function sendAndWait(broker: RunningBroker, frame: Buffer): Promise<void> {
  await using connection = await RawConnection.open(broker)
  connection.write(frame)
  const last = { correlationId: 0x5eed, clientId: 'fuzz' }
  connection.write(Buffer.concat(encodeRequest(ApiVersions, 0, last, {})))
  for (;;) {
    const answer = await connection.nextFrame()
    if (answer === undefined || answer.readInt32BE(0) === last.correlationId) return
  }
}

describe('a Produce whose bytes were changed', () => {
  it('never ends the broker, and never puts a batch into the log that a strict reader refuses', async () => {
    const unexpected: string[] = []
    const note = (message: string) => void unexpected.push(message)
    const ignore = () => undefined
    const log: Log = { error: note, warn: ignore, info: ignore, debug: ignore, with: () => log }
    await using broker = await startBroker({ storage: 'memory', log })
    const canary = await Canary.open(broker, [{ name: 'orders' }])
    let end = 0
    let appendedCount = 0
    await fc.assert(
      fc.asyncProperty(mutation, async mutated => {
        await sendAndWait(broker, frameOf(mutated))
        const newEnd = await canary.endOf('orders')
        if (newEnd > end) {
          appendedCount++
          const bytes = await canary.recordsFrom('orders', end)
          expect(problemsOfLog(bytes, end)).toEqual([])
          end = newEnd
        }
        expect(unexpected).toEqual([])
      }),
      { numRuns: Number(process.env['RUNS'] ?? 1500), endOnFailure: true },
    )
    await canary.sings()
    // Some changes do no harm, as that of the base offset: that these were taken shows that the rest was really looked at.
    expect(appendedCount).toBeGreaterThan(10)
    canary.destroy()
  }, 60_000)
})
