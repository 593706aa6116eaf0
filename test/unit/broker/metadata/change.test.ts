import { expect, it } from 'vitest'
import { RESOURCE_TYPE } from '../../../../packages/broker/src/metadata/change.ts'

it('numbers the kinds of resources as the wire does', () => {
  expect(Object.values(RESOURCE_TYPE)).toEqual([2, 4, 8, 16, 32])
})
