import { decodeMetadataRecord } from '@varve/protocol'
import { expect, it } from 'vitest'
import {
  keptRecordOf,
  keptSubjectOf,
} from '../../../../packages/broker/src/metadata/kept-record.ts'
import {
  decodeChange,
  encodeChange,
} from '../../../../packages/broker/src/metadata/record-codec.ts'
import { hex, kraftFeature, kraftRecord } from '../../../support/kraft-records.ts'

const rule = {
  ...{ id: 'AAAAAAAAAAAAAAAAAAAAAQ', resourceType: 2, resourceName: 'orders', patternType: 3 },
  ...{ principal: 'User:alice', host: '*', operation: 3, permissionType: 3 },
}
const access = kraftRecord({ type: 'AccessControlEntryRecord', version: 0, record: rule })

it('a record that is kept goes through our log byte for byte', () => {
  const change = decodeChange(access.value)
  expect(change).toEqual(keptRecordOf(access.record, access.value))
  if (change?.type !== 'KeptRecord') throw new Error('it is not kept')
  expect(hex(encodeChange(change))).toBe(hex(access.value))
})

it('a record and the one that takes it away are about the same', () => {
  const removal = kraftRecord({
    type: 'RemoveAccessControlEntryRecord',
    version: 0,
    record: { id: rule.id },
  })
  expect(keptSubjectOf(removal.record)).toEqual({
    key: keptSubjectOf(access.record)?.key,
    effect: 'removes',
  })
  expect(keptRecordOf(removal.record, removal.value)).toBeUndefined()
})

it('what this version understands is not kept', () => {
  const { value } = kraftFeature('metadata.version', 29)
  expect(keptRecordOf(decodeMetadataRecord(value), value)).toBeUndefined()
})
