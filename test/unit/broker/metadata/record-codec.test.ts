import { encodeMetadataRecord } from '@varve/protocol'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { MetadataLogError } from '../../../../packages/broker/src/metadata/metadata-log-error.ts'
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

it('says who may have written a record of a kind that it does not know', () => {
  const unknown = Uint8Array.of(1, 127, 0, 0)
  // Kafka writes it as soon as it has started on a folder.
  const controller = encodeMetadataRecord({
    type: 'RegisterControllerRecord',
    version: 0,
    record: {
      controllerId: 1,
      incarnationId: 'AAAAAAAAAAAAAAAAAAAACQ',
      zkMigrationReady: false,
      endPoints: [],
      features: [],
    },
  })
  for (const value of [unknown, controller]) {
    expect(() => decodeChange(value)).toThrow(MetadataLogError)
    expect(() => decodeChange(value)).toThrow('written by Kafka or another version of Varve')
  }
})
