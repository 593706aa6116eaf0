import { expect, it } from 'vitest'
import { metadataBatch } from '../../../../packages/broker/src/metadata/metadata-batch.ts'
import { scan } from '../../../../packages/broker/src/metadata/scan.ts'
import { newTopic } from '../../../support/metadata-image.ts'

const batch = (baseOffset: number) =>
  metadataBatch(newTopic('orders'), { baseOffset, leaderEpoch: 1, timestamp: 0 })
const both = Buffer.concat([batch(0), batch(2)])

it('reads whole batches that follow one another', () => {
  const { batches, endPosition, rest } = scan(both, 0)
  expect([batches.map(({ baseOffset }) => baseOffset), endPosition, rest]).toEqual([
    [0, 2],
    both.length,
    'nothing',
  ])
})

it('calls a cut last batch torn, at any byte', () => {
  for (let cut = batch(0).length + 1; cut < both.length; cut++) {
    const { batches, rest } = scan(both.subarray(0, cut), 0)
    expect([batches.length, rest]).toEqual([1, 'torn'])
  }
})

it('calls damage before a whole batch corrupt, and so a gap in the offsets', () => {
  const damaged = Buffer.from(both)
  damaged[30] = 0xff
  expect(scan(damaged, 0)).toMatchObject({ batches: [], endPosition: 0, rest: 'corrupt' })
  expect(scan(Buffer.concat([batch(0), batch(7)]), 0).rest).toBe('corrupt')
})
