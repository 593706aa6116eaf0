import { Buffer } from 'node:buffer'
import { AbortedTxn, crc32c, ProducerSnapshot, Reader, Writer } from '@varve/protocol'
import {
  decodeCheckpoint,
  encodeCheckpoint,
} from '../../../packages/broker/src/log/checkpoint-file.ts'
import { LeaderEpochs } from '../../../packages/broker/src/log/leader-epochs.ts'
import { OffsetIndex } from '../../../packages/broker/src/log/offset-index.ts'
import { TimeIndex } from '../../../packages/broker/src/log/time-index.ts'

/** A file of Kafka's log directory; what it says is stated in prose. */
export interface StorageVector {
  readonly name: string
  readonly hex: string
  readonly expect: string
}

/** Reads a file and gives what it says in the words of the vector, and the bytes that we write for it. */
type FileCheck = (bytes: Buffer) => { readonly says: string; readonly written: Buffer }

const BASE_OFFSET = 1000
const SEGMENT_BYTES = 1 << 20

const files: Readonly<Record<string, FileCheck>> = {
  'offset-index': bytes => {
    const entries = pairs(bytes, 8, at => [
      BASE_OFFSET + bytes.readInt32BE(at),
      bytes.readInt32BE(at + 4),
    ])
    const index = new OffsetIndex(BASE_OFFSET)
    if (index.load(bytes, SEGMENT_BYTES) !== undefined) throw new Error('our index refuses it')
    for (const [offset = 0, position] of entries) {
      if (index.floorPosition(offset) !== position) throw new Error(`${offset} leads elsewhere`)
    }
    const again = new OffsetIndex(BASE_OFFSET)
    for (const [offset = 0, position = 0] of entries) again.append(offset, position)
    return { says: listed(entries), written: again.file.unwritten()?.content ?? Buffer.alloc(0) }
  },
  'time-index': bytes => {
    const entries = pairs(bytes, 12, at => [
      Number(bytes.readBigInt64BE(at)),
      BASE_OFFSET + bytes.readInt32BE(at + 8),
    ])
    const index = new TimeIndex(BASE_OFFSET)
    if (index.load(bytes) !== undefined) throw new Error('our index refuses it')
    for (const [timestamp = 0, offset] of entries) {
      if (index.floorOffset(timestamp + 1) !== offset)
        throw new Error(`${timestamp} leads elsewhere`)
    }
    const again = new TimeIndex(BASE_OFFSET)
    for (const [timestamp = 0, offset = 0] of entries) again.maybeAppend(timestamp, offset)
    return { says: listed(entries), written: again.file.unwritten()?.content ?? Buffer.alloc(0) }
  },
  'txn-index': bytes => {
    const writer = new Writer()
    const entries = pairs(bytes, 34, at => {
      const version = bytes.readInt16BE(at)
      const entry = AbortedTxn.read(new Reader(bytes, at + 2, at + 34), version)
      writer.int16(version)
      AbortedTxn.write(writer, entry, version)
      return Object.values(entry)
    })
    const [first = [], ...rest] = entries
    const named = `(pid ${first[0]}, first ${first[1]}, last ${first[2]}, lso ${first[3]})`
    const says = `[${[named, ...rest.map(entry => `(${entry.join()})`)].join()}]`
    return { says, written: Buffer.concat(writer.finish()) }
  },
  'leader-epoch-checkpoint': bytes => {
    const epochs = new LeaderEpochs()
    if (!epochs.load(bytes)) throw new Error('our reader refuses it')
    const says = listed(epochs.starts.map(({ epoch, startOffset }) => [epoch, startOffset]))
    return { says, written: epochs.encode() }
  },
  'partition.metadata': bytes => {
    const topicId = /^version: 0\ntopic_id: ([\w-]{22})$/.exec(bytes.toString())?.[1] ?? ''
    const hex = Buffer.from(topicId, 'base64url').toString('hex')
    const uuid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
    const written = Buffer.from(`version: 0\ntopic_id: ${topicId}`)
    return { says: `topic id ${uuid}`, written }
  },
  'offset-checkpoint': bytes => {
    const entries = [...(decodeCheckpoint(bytes) ?? [])]
    const says = entries.map(([partition, offset]) => `${partition}:${offset}`).join(', ')
    const written = encodeCheckpoint(
      entries.map(([name, offset]) => {
        const dash = name.lastIndexOf('-')
        return { topic: name.slice(0, dash), partition: Number(name.slice(dash + 1)), offset }
      }),
    )
    return { says, written }
  },
  'producer-snapshot': bytes => {
    const version = bytes.readInt16BE()
    const snapshot = ProducerSnapshot.read(new Reader(bytes, 2), version)
    if (crc32c(bytes, 6, bytes.length) !== snapshot.crc) throw new Error('another checksum')
    const writer = new Writer()
    writer.int16(version)
    ProducerSnapshot.write(writer, snapshot, version)
    // The prose leaves out what the second producer has not.
    const says = snapshot.producerEntries.map(entry =>
      entry.lastOffset >= 0
        ? `pid ${entry.producerId} epoch ${entry.epoch} lastSequence ${entry.lastSequence} lastOffset ${entry.lastOffset} offsetDelta ${entry.offsetDelta} timestamp ${entry.timestamp} coordinatorEpoch ${entry.coordinatorEpoch} currentTxnFirstOffset ${entry.currentTxnFirstOffset}`
        : `pid ${entry.producerId} epoch ${entry.epoch} lastSequence ${entry.lastSequence} lastOffset ${entry.lastOffset} offsetDelta ${entry.offsetDelta}? coordinatorEpoch ${entry.coordinatorEpoch} currentTxnFirstOffset ${entry.currentTxnFirstOffset}`,
    )
    return { says: says.join('; '), written: Buffer.concat(writer.finish()) }
  },
}

/** Reads a storage file, compares what it says, and writes it again. */
export const checkStorageFile = (vector: StorageVector): readonly string[] => {
  const bytes = Buffer.from(vector.hex, 'hex')
  const check = files[vector.name]
  if (check === undefined) return [`${vector.name}: nothing reads it`]
  try {
    const { says, written } = check(bytes)
    const problems: string[] = []
    if (says !== vector.expect) problems.push(`says ${says}, not ${vector.expect}`)
    if (!written.equals(bytes)) problems.push(`is written as ${written.toString('hex')}`)
    return problems.map(problem => `${vector.name}: ${problem}`)
  } catch (error) {
    return [`${vector.name}: ${String(error)}`]
  }
}

const pairs = (bytes: Buffer, sizeBytes: number, entryAt: (at: number) => readonly number[]) =>
  Array.from({ length: bytes.length / sizeBytes }, (_, index) => entryAt(index * sizeBytes))

const listed = (entries: readonly (readonly number[])[]): string =>
  `[${entries.map(entry => `(${entry.join()})`).join()}]`
