import { expect, it } from 'vitest'
import {
  authorizedClusterOperations,
  authorizedOperations,
} from '../../../../packages/broker/src/handlers/authorized-operations.ts'

it('sets the bit of each operation that is allowed', () => {
  const context = {
    authorize: (operation: string) => operation === 'Read' || operation === 'Create',
  }
  expect(authorizedOperations(context, { type: 'Topic', name: 'a' })).toBe((1 << 3) | (1 << 5))
  expect(authorizedOperations(context, { type: 'Group', name: 'g' })).toBe(1 << 3)
  expect(authorizedClusterOperations(context)).toBe(1 << 5)
})
