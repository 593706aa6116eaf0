import { expect, it } from 'vitest'
import { firstTimestampOf } from '../../../../packages/broker/src/log/first-timestamp.ts'
import { diskWithFolder, segmentOf, singles } from '../../../support/log-parts.ts'

it('is that of the first batch, if there is one', async () => {
  const disk = await diskWithFolder()
  const batches = [...singles(0, ['a'], { timestamp: 70 }), ...singles(1, ['b'], { timestamp: 9 })]
  expect(await firstTimestampOf(segmentOf(disk, batches))).toBe(70)
  expect(await firstTimestampOf(segmentOf(disk, [], { baseOffset: 9 }))).toBeUndefined()
})
