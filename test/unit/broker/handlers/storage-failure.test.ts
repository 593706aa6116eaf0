import { expect, it } from 'vitest'
import { orStorageFailure } from '../../../../packages/broker/src/handlers/storage-failure.ts'
import { DiskError } from '../../../../packages/broker/src/world.ts'

it('answers for the disk, and lets a bug be a bug', async () => {
  const failing = (error: Error) => orStorageFailure(Promise.reject(error), () => 'refused')
  expect(await orStorageFailure(Promise.resolve('done'), () => 'refused')).toBe('done')
  expect(await failing(new DiskError('append to', '/x', 'ENOSPC'))).toBe('refused')
  await expect(failing(new Error('a bug'))).rejects.toThrow('a bug')
})
