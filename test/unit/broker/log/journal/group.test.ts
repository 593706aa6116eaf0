import { describe, expect, it } from 'vitest'
import {
  decodeBody,
  decodeHeader,
  encodeGroup,
  entrySizeBytes,
  GROUP_ALIGNMENT,
  GROUP_HEADER_BYTES,
} from '../../../../../packages/broker/src/log/journal/group.ts'
import { entryAt, extentAt, topicId } from '../../../../support/journal-on-disk.ts'

const durable = [{ topicId, partition: 4, offset: 2 ** 40 + 5 }]
const entries = [
  { ...entryAt(7, 'seven'), leaderEpoch: 12, segmentPosition: 2 ** 33 + 1 },
  extentAt(8, { sync: () => Promise.resolve() }),
  entryAt(9, 'nine'),
]
const identity = {
  generation: 3,
  incarnation: '0123456789abcdef',
  sequence: 2 ** 35,
  neededFrom: 17,
}

const encoded = (): Buffer => {
  const into = Buffer.alloc(2 * GROUP_ALIGNMENT, 0xff)
  const sizeBytes = encodeGroup(into, identity, { durable, entries })
  return into.subarray(0, sizeBytes)
}

const decoded = (bytes: Buffer) => {
  const header = decodeHeader(bytes, 0)
  if (header === undefined) return undefined
  const end = GROUP_HEADER_BYTES + header.bodyBytes
  const body = bytes.subarray(GROUP_HEADER_BYTES, end)
  const content = decodeBody(header, body)
  return content === undefined ? undefined : { header, body, content, end }
}

describe('a group of the journal', () => {
  it('says what it was told, and where the bytes of an entry are', () => {
    const group = decoded(encoded())
    expect(group?.header).toMatchObject(identity)
    expect(group?.content.durable).toEqual(durable)
    const places = [
      { baseOffset: 7, leaderEpoch: 12, segmentPosition: 2 ** 33 + 1 },
      { baseOffset: 8 },
      { baseOffset: 9 },
    ]
    expect(group?.content.entries).toMatchObject(places)
    const texts = group?.content.entries.map(({ type, bytesPosition, sizeBytes }) =>
      type === 'extent'
        ? sizeBytes
        : `${group.body.subarray(bytesPosition, bytesPosition + sizeBytes)}`,
    )
    expect(texts).toEqual(['seven', 100_000, 'nine'])
  })

  it('ends at a block, with zeros behind its body', () => {
    const bytes = encoded()
    expect(bytes.length).toBe(GROUP_ALIGNMENT)
    expect(bytes.subarray(decoded(bytes)?.end).every(byte => byte === 0)).toBe(true)
  })

  it('is refused when any bit of it is another, or when it was cut at any byte', () => {
    const bytes = encoded()
    const end = decoded(bytes)?.end ?? 0
    for (let position = 0; position < end; position += 1) {
      const flipped = Buffer.from(bytes)
      flipped[position] = (flipped[position] ?? 0) ^ (1 << (position % 8))
      expect(decoded(flipped), `byte ${position}`).toBeUndefined()
      const cut = Buffer.from(bytes).fill(0, position)
      const isSame = cut.equals(bytes)
      if (!isSame) expect(decoded(cut), `cut at ${position}`).toBeUndefined()
    }
  })

  it('knows the size of an entry before it is written', () => {
    const sizes = entries.map(entrySizeBytes)
    const sum = sizes.reduce((all, size) => all + size, 0)
    expect(decoded(encoded())?.end).toBe(GROUP_HEADER_BYTES + 28 + sum)
  })
})
