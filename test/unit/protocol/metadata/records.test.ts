import { Buffer } from 'node:buffer'
import {
  decodeMetadataRecord,
  encodeMetadataRecord,
  type MetadataRecordInput,
  metadataRecords,
  WireError,
} from '@varve/protocol'
import { describe, expect, it } from 'vitest'

describe('a record of the metadata log', () => {
  it('stands behind frame version, key and version', () => {
    const input: MetadataRecordInput = {
      type: 'TopicRecord',
      version: 0,
      record: { name: 'orders', topicId: 'IDD3ml3ptdy-FzWCrXPgvA' },
    }
    const value = encodeMetadataRecord(input)
    expect(value.toString('hex')).toBe(
      `010200076f7264657273${'2030f79a5de9b5dcbe173582ad73e0bc'}00`,
    )
    expect(decodeMetadataRecord(value)).toEqual(input)
  })

  it('comes back as its own type', () => {
    const value = encodeMetadataRecord({
      type: 'PartitionChangeRecord',
      version: 0,
      record: { partitionId: 1, topicId: 'IDD3ml3ptdy-FzWCrXPgvA', leader: -1, isr: [] },
    })
    const read = decodeMetadataRecord(value)
    expect(read.type).toBe('PartitionChangeRecord')
    if (read.type !== 'PartitionChangeRecord') return
    expect(read.record.leader).toBe(-1)
    expect(read.record.isr).toEqual([])
    expect(read.record.replicas).toBeNull()
  })

  it('is refused when its frame, kind or version is unknown', () => {
    expect(() => decodeMetadataRecord(Buffer.from('000200', 'hex'))).toThrow(WireError)
    expect(() => decodeMetadataRecord(Buffer.from('017f00', 'hex'))).toThrow(WireError)
    expect(() => decodeMetadataRecord(Buffer.from('010209', 'hex'))).toThrow(WireError)
    expect(() => decodeMetadataRecord(Buffer.alloc(0))).toThrow(WireError)
  })

  it('has a key of its own', () => {
    const keys = Object.values(metadataRecords).map(({ key }) => key)
    expect(new Set(keys).size).toBe(keys.length)
    expect(keys).not.toContain(undefined)
  })
})
