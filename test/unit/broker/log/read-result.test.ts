import { expect, it } from 'vitest'
import { NOTHING_READ } from '../../../../packages/broker/src/log/read-result.ts'

it('nothing read holds nothing that has to be given back', () => {
  expect(NOTHING_READ).toEqual({ parts: [], sizeBytes: 0 })
  expect(NOTHING_READ.release).toBeUndefined()
})
