import { RecordBatch } from '@varve/protocol'
import { expect, it } from 'vitest'
import { EpochCheck } from '../../../../../packages/broker/src/log/verify/epoch-check.ts'
import { diskWithFolder, FOLDER, storedBatch, writeFile } from '../../../../support/log-parts.ts'

async function flaw(
  content: string | undefined,
  startOffset = 0,
  lastStop: 'clean' | 'unclean' = 'clean',
) {
  const disk = await diskWithFolder()
  if (content !== undefined) writeFile(disk, 'leader-epoch-checkpoint', content)
  const check = await EpochCheck.open(disk, FOLDER, startOffset)
  for (const [baseOffset, partitionLeaderEpoch] of [
    [0, 0],
    [1, 0],
    [2, 3],
  ] as const)
    check.pass(new RecordBatch(storedBatch({ values: ['a'], baseOffset, partitionLeaderEpoch })))
  return check.flawAt(3, lastStop)
}

it('holds the file of leader epochs against the batches', async () => {
  expect(await flaw('0\n2\n0 0\n3 2\n')).toBeUndefined()
  expect(await flaw('0\n2\n3 2\n4 3\n', 2)).toBeUndefined()
  expect(await flaw('0\n2\n0 0\n3 1\n')).toBe(
    'It says that offset 1 was written under leader epoch 3; its record batch says 0.',
  )
  expect(await flaw('0\n3\n0 0\n3 2\n4 9\n')).toContain('began at offset 9, and the log ends at 3')
})

it('finds a file that is missing or senseless', async () => {
  expect(await flaw('nonsense')).toBe('It cannot be read.')
  expect(await flaw(undefined)).toBe('It is not there.')
  expect(await flaw(undefined, 0, 'unclean')).toBeUndefined()
})
