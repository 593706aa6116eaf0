import { crc32c } from '@varve/protocol'
import { expect, it } from 'vitest'
import {
  dumpCheckpoint,
  dumpLeaderEpochs,
  dumpProducerSnapshot,
  dumpProperties,
  dumpSequences,
} from '../../../../../packages/broker/src/log/dump/dump-state-files.ts'
import { encodeProducerSnapshot } from '../../../../../packages/broker/src/log/producer-snapshot.ts'

const batch = (sequence: number) => ({
  ...{ firstSequence: sequence, lastSequence: sequence + 1, timestamp: 5 },
  ...{ baseOffset: 10 + sequence, lastOffset: 11 + sequence },
})
const entry = {
  ...{ producerId: 7, producerEpoch: 2, sequencesKnown: 4, lastTimestamp: 5 },
  ...{ coordinatorEpoch: 3, transactionFirstOffset: -1, sweep: 0 },
  batches: [batch(0), batch(2)],
}
const { snapshot, sequences } = encodeProducerSnapshot([entry], crc32c)

it('gives the newest batch of each producer, and all batches from the file of sequences', () => {
  const { sweep: _, ...known } = entry
  expect([...dumpProducerSnapshot(snapshot, crc32c)]).toEqual([
    { type: 'producer', ...known, sequencesKnown: 2, batches: [batch(2)] },
  ])
  expect([...dumpSequences(sequences, crc32c)]).toEqual([
    { type: 'property', name: 'snapshotCrc', value: String(snapshot.readUInt32BE(2)) },
    { type: 'sequences', producerId: 7, sequencesKnown: 4, batches: [batch(0), batch(2)] },
  ])
})

it('says of what makes no sense that it does not', () => {
  const damaged = Buffer.from(snapshot)
  damaged[20] = 0xff
  for (const dumped of [
    dumpProducerSnapshot(damaged, crc32c),
    dumpSequences(Buffer.from(sequences).fill(9, 30), crc32c),
    dumpLeaderEpochs(Buffer.from('no')),
    dumpCheckpoint(Buffer.from('0\n3\n')),
  ])
    expect([...dumped]).toMatchObject([{ type: 'flaw', position: undefined }])
})

it('reads text files', () => {
  expect([...dumpLeaderEpochs(Buffer.from('0\n2\n0 0\n3 50\n'))]).toEqual([
    { type: 'leader epoch', epoch: 0, startOffset: 0 },
    { type: 'leader epoch', epoch: 3, startOffset: 50 },
  ])
  expect([...dumpCheckpoint(Buffer.from('0\n1\nmy-topic 3 50\n'))]).toEqual([
    { type: 'checkpoint', topic: 'my-topic', partition: 3, offset: 50 },
  ])
  const properties = Buffer.from('#Sun\nnode.id=1\nversion=1\n')
  expect([...dumpProperties(properties)]).toEqual([
    { type: 'property', name: 'node.id', value: '1' },
    { type: 'property', name: 'version', value: '1' },
  ])
  expect([...dumpProperties(Buffer.from('version: 0\ntopic_id: a-b'))]).toEqual([
    { type: 'property', name: 'version', value: '0' },
    { type: 'property', name: 'topic_id', value: 'a-b' },
  ])
})
