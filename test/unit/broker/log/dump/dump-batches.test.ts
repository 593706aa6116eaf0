import { crc32c, nodeCodecs } from '@varve/protocol'
import { expect, it } from 'vitest'
import {
  type DumpBatchesOptions,
  dumpBatches,
} from '../../../../../packages/broker/src/log/dump/dump-batches.ts'
import type { DumpEntry } from '../../../../../packages/broker/src/log/dump/dump-entry.ts'
import { diskWithFolder, FOLDER, storedBatch, writeFile } from '../../../../support/log-parts.ts'

async function dumped(bytes: Uint8Array, more: Partial<DumpBatchesOptions> = {}) {
  const disk = await diskWithFolder()
  writeFile(disk, 'x.log', bytes)
  const entries: DumpEntry[] = []
  const options: DumpBatchesOptions = {
    ...{ crc32c, codecs: nodeCodecs(), records: 'shown', decoder: 'none' },
    maxBytes: Number.POSITIVE_INFINITY,
    ...more,
  }
  const file = await disk.open(`${FOLDER}/x.log`, 'existing')
  for await (const entry of dumpBatches(file, options)) entries.push(entry)
  return entries
}

const types = (entries: readonly DumpEntry[]) => entries.map(({ type }) => type)

const plain = storedBatch({ values: ['a', null], baseOffset: 5 })
const ofProducer = storedBatch({
  ...{ values: ['b', 'c'], baseOffset: 7, compression: 'gzip' },
  ...{ producerId: 4, producerEpoch: 1, baseSequence: 2147483647 },
})

it('says what the header of a batch says, and where it lies', async () => {
  const [first, second] = await dumped(Buffer.concat([plain, ofProducer]), { records: 'left out' })
  expect(first).toMatchObject({
    ...{ type: 'batch', baseOffset: 5, lastOffset: 6, recordsCount: 2, position: 0 },
    ...{ compression: 'none', crcIsValid: true, producerId: -1, deleteHorizonMs: undefined },
    sizeBytes: plain.length,
  })
  expect(second).toMatchObject({
    ...{ position: plain.length, compression: 'gzip', baseSequence: 2147483647, lastSequence: 0 },
  })
})

it('opens the records, whatever they are compressed with', async () => {
  const entries = await dumped(Buffer.concat([plain, ofProducer]))
  expect(types(entries)).toEqual(['batch', 'record', 'record', 'batch', 'record', 'record'])
  expect(entries[2]).toMatchObject({ offset: 6, valueBytes: -1, value: null, sequence: -1 })
  expect(entries[5]).toMatchObject({ offset: 8, sequence: 0, value: Buffer.from('c') })
})

it('goes on behind a batch with a wrong checksum, and says where no batch is any more', async () => {
  const bytes = Buffer.concat([plain, ofProducer, plain, Buffer.alloc(20)])
  bytes[plain.length + 30] = 0xff
  const entries = await dumped(bytes, { records: 'left out' })
  expect(entries.map(entry => entry.type === 'batch' && entry.crcIsValid)).toEqual([
    ...[true, false, true, false],
  ])
  expect(entries.at(-1)).toEqual({
    type: 'flaw',
    position: bytes.length - 20,
    about: 'the last 20 bytes are no whole record batch: too short',
  })
})

it('says of a batch whose records cannot be read that they cannot', async () => {
  const bytes = Buffer.from(ofProducer)
  bytes.fill(0, 61)
  expect(types(await dumped(bytes))).toEqual(['batch', 'flaw'])
})

it('reads a long file piece by piece, and ends where it is told to', async () => {
  const big = Array.from({ length: 5 }, (_, index) =>
    storedBatch({ values: ['x'.repeat(700_000)], baseOffset: index }),
  )
  const all = await dumped(Buffer.concat(big), { records: 'left out' })
  expect(all.map(entry => entry.type === 'batch' && entry.baseOffset)).toEqual([0, 1, 2, 3, 4])
  const some = await dumped(Buffer.concat(big), { records: 'left out', maxBytes: 800_000 })
  expect(types(some)).toEqual(['batch', 'batch'])
})
