import { encodeMetadataRecord } from '@varve/protocol'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  decodeChange,
  encodeChange,
} from '../../../../packages/broker/src/metadata/record-codec.ts'
import { anyChange } from '../../../support/metadata-changes.ts'

it('reads every change as it was written', () => {
  fc.assert(
    fc.property(anyChange, change => {
      expect(decodeChange(encodeChange(change))).toEqual(change)
    }),
  )
})

it('writes the frame of KRaft: its version, the kind, the version of the record', () => {
  const bytes = encodeChange({
    type: 'FeatureLevelRecord',
    name: 'metadata.version',
    featureLevel: 29,
  })
  expect(bytes.toString('hex')).toBe(
    `010c0011${Buffer.from('metadata.version').toString('hex')}001d00`,
  )
})

it('passes over a record that says nothing, and refuses one that it would have to understand', () => {
  const noOp = encodeMetadataRecord({ type: 'NoOpRecord', version: 0, record: {} })
  expect(decodeChange(noOp)).toBeUndefined()
  const change = encodeMetadataRecord({
    type: 'PartitionChangeRecord',
    version: 0,
    record: { partitionId: 0, topicId: 'AAAAAAAAAAAAAAAAAAAACQ' },
  })
  expect(() => decodeChange(change)).toThrow('holds a PartitionChangeRecord')
})
