/**
 * One group of the journal as bytes: everything that one sync makes durable. All numbers are big-endian.
 *
 *     0  magic 'VRVJ'            24  sequence, counts all groups of a generation
 *     4  CRC-32C of 8..64        32  neededFrom: groups before it are in synced segments and not to be replayed
 *     8  format version, 3 x 0   40  body bytes
 *    12  generation              44  CRC-32C of the body
 *    16  incarnation, 8 bytes    48  durable records, 52  entries, 56  8 x 0
 *    64  body: the durable records, the entries, the bytes of the entries in their order; then zeros up to the next 4096
 *
 * A group begins at a multiple of 4096, so that writing one never touches a sector of an acknowledged one and never makes the
 * system read a page first. Written by the journal, read by its recovery. A crash can leave the last group torn in any way:
 * its checksums say so. Older groups of a recycled file are told apart by generation, incarnation and sequence.
 */

import { Buffer } from 'node:buffer'
import { crc32c, readInt64BE, writeInt64BE } from '@varve/protocol'
import type { JournalEntry, JournalPlace } from './entry.ts'

export const GROUP_ALIGNMENT = 4096
export const GROUP_HEADER_BYTES = 64
export const DURABLE_BYTES = 28
export const ENTRY_BYTES = 61

const MAGIC = 0x5652564a
const FORMAT_VERSION = 1
const TYPE_BYTES = 1
const TYPE_EXTENT = 2

export interface GroupHeader {
  readonly generation: number
  /** Eight random bytes, in hexadecimal, drawn when the journal was opened. */
  readonly incarnation: string
  readonly sequence: number
  readonly neededFrom: number
  readonly bodyBytes: number
  readonly bodyCrc: number
  readonly durableCount: number
  readonly entryCount: number
}

/** Everything of a partition below `offset` is durable. */
export interface DurableOffset {
  readonly topicId: string
  readonly partition: number
  readonly offset: number
}

export interface GroupContent {
  readonly durable: readonly DurableOffset[]
  readonly entries: readonly JournalEntry[]
}

/** An entry as it is found in a group; `bytesPosition` is where its bytes begin within the body. */
export interface DecodedEntry extends JournalPlace {
  readonly type: 'bytes' | 'extent'
  readonly sizeBytes: number
  readonly bytesPosition: number
}

/** The bytes that an entry takes in a group. */
export const entrySizeBytes = (entry: JournalEntry): number =>
  ENTRY_BYTES + (entry.type === 'bytes' ? sizeOfParts(entry.parts) : 0)

/** The next multiple of the alignment. */
export const aligned = (sizeBytes: number): number =>
  Math.ceil(sizeBytes / GROUP_ALIGNMENT) * GROUP_ALIGNMENT

export const sizeOfParts = (parts: readonly Uint8Array[]): number => {
  let sizeBytes = 0
  for (const part of parts) sizeBytes += part.length
  return sizeBytes
}

/** Writes a group into `into`, which must be large enough, and returns its aligned size. The padding is zeroed. */
export const encodeGroup = (
  into: Buffer,
  header: Pick<GroupHeader, 'generation' | 'incarnation' | 'sequence' | 'neededFrom'>,
  content: GroupContent,
): number => {
  const end = encodeBody(into, content)
  const sizeBytes = aligned(end)
  into.fill(0, end, sizeBytes)
  into.fill(0, 0, GROUP_HEADER_BYTES)
  into.writeUInt32BE(MAGIC, 0)
  into.writeUInt8(FORMAT_VERSION, 8)
  into.writeUInt32BE(header.generation, 12)
  into.write(header.incarnation, 16, 8, 'hex')
  writeInt64BE(into, 24, header.sequence)
  writeInt64BE(into, 32, header.neededFrom)
  into.writeUInt32BE(end - GROUP_HEADER_BYTES, 40)
  into.writeUInt32BE(crc32c(into, GROUP_HEADER_BYTES, end), 44)
  into.writeUInt32BE(content.durable.length, 48)
  into.writeUInt32BE(content.entries.length, 52)
  into.writeUInt32BE(crc32c(into, 8, GROUP_HEADER_BYTES), 4)
  return sizeBytes
}

/** The header at `position`, or undefined when there is no valid one. The body is not looked at. */
export const decodeHeader = (bytes: Buffer, position: number): GroupHeader | undefined => {
  if (bytes.length - position < GROUP_HEADER_BYTES) return undefined
  if (bytes.readUInt32BE(position) !== MAGIC) return undefined
  const crc = crc32c(bytes, position + 8, position + GROUP_HEADER_BYTES)
  if (crc !== bytes.readUInt32BE(position + 4)) return undefined
  if (bytes.readUInt8(position + 8) !== FORMAT_VERSION) return undefined
  return {
    generation: bytes.readUInt32BE(position + 12),
    incarnation: bytes.toString('hex', position + 16, position + 24),
    sequence: readInt64BE(bytes, position + 24),
    neededFrom: readInt64BE(bytes, position + 32),
    bodyBytes: bytes.readUInt32BE(position + 40),
    bodyCrc: bytes.readUInt32BE(position + 44),
    durableCount: bytes.readUInt32BE(position + 48),
    entryCount: bytes.readUInt32BE(position + 52),
  }
}

/** What a body holds, or undefined when it is not what its header says. */
export const decodeBody = (
  header: GroupHeader,
  body: Buffer,
): { durable: DurableOffset[]; entries: DecodedEntry[] } | undefined => {
  if (body.length !== header.bodyBytes || crc32c(body, 0, body.length) !== header.bodyCrc) {
    return undefined
  }
  const durable: DurableOffset[] = []
  let position = 0
  for (let index = 0; index < header.durableCount; index += 1) {
    durable.push(readDurable(body, position))
    position += DURABLE_BYTES
  }
  const entries: DecodedEntry[] = []
  let bytesPosition = position + header.entryCount * ENTRY_BYTES
  for (let index = 0; index < header.entryCount; index += 1) {
    const entry = readEntry(body, position, bytesPosition)
    entries.push(entry)
    position += ENTRY_BYTES
    if (entry.type === 'bytes') bytesPosition += entry.sizeBytes
  }
  return { durable, entries }
}

const encodeBody = (into: Buffer, content: GroupContent): number => {
  let position = GROUP_HEADER_BYTES
  for (const durable of content.durable) {
    writeDurable(into, position, durable)
    position += DURABLE_BYTES
  }
  for (const entry of content.entries) {
    writeEntry(into, position, entry)
    position += ENTRY_BYTES
  }
  for (const entry of content.entries) {
    if (entry.type === 'extent') continue
    for (const part of entry.parts) {
      into.set(part, position)
      position += part.length
    }
  }
  return position
}

const writeDurable = (into: Buffer, position: number, durable: DurableOffset): void => {
  into.write(durable.topicId, position, 16, 'base64url')
  into.writeInt32BE(durable.partition, position + 16)
  writeInt64BE(into, position + 20, durable.offset)
}

const readDurable = (body: Buffer, position: number): DurableOffset => ({
  topicId: body.toString('base64url', position, position + 16),
  partition: body.readInt32BE(position + 16),
  offset: readInt64BE(body, position + 20),
})

const writeEntry = (into: Buffer, position: number, entry: JournalEntry): void => {
  const sizeBytes = entry.type === 'bytes' ? sizeOfParts(entry.parts) : entry.sizeBytes
  into.writeUInt8(entry.type === 'bytes' ? TYPE_BYTES : TYPE_EXTENT, position)
  into.write(entry.topicId, position + 1, 16, 'base64url')
  into.writeInt32BE(entry.partition, position + 17)
  into.writeInt32BE(entry.leaderEpoch, position + 21)
  writeInt64BE(into, position + 25, entry.baseOffset)
  writeInt64BE(into, position + 33, entry.endOffset)
  writeInt64BE(into, position + 41, entry.segmentBaseOffset)
  writeInt64BE(into, position + 49, entry.segmentPosition)
  into.writeUInt32BE(sizeBytes, position + 57)
}

const readEntry = (body: Buffer, position: number, bytesPosition: number): DecodedEntry => ({
  type: body.readUInt8(position) === TYPE_BYTES ? 'bytes' : 'extent',
  topicId: body.toString('base64url', position + 1, position + 17),
  partition: body.readInt32BE(position + 17),
  leaderEpoch: body.readInt32BE(position + 21),
  baseOffset: readInt64BE(body, position + 25),
  endOffset: readInt64BE(body, position + 33),
  segmentBaseOffset: readInt64BE(body, position + 41),
  segmentPosition: readInt64BE(body, position + 49),
  sizeBytes: body.readUInt32BE(position + 57),
  bytesPosition,
})
