import { expect, it } from 'vitest'
import { CorruptRecordsError } from '../../../../packages/protocol/src/records/corrupt-records-error.ts'

it('CorruptRecordsError has a code for programs', () => {
  const error = new CorruptRecordsError('A record is cut off')
  expect([error.code, error.name, error.message]).toEqual([
    'CORRUPT_RECORDS',
    'CorruptRecordsError',
    'A record is cut off',
  ])
})
