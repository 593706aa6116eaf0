import { expect, it } from 'vitest'
import { groupPositions } from '../../../packages/admin/src/group-positions.ts'
import { groupStage } from '../../support/group-stage.ts'

it('groupPositions knows what is committed, what is owned, and how far behind it is', async () => {
  await using stage = await groupStage()
  await stage.commit('idle', [7])
  await stage.commit('busy', [10])
  await stage.join('busy', 'worker-1')
  const groups = await stage.admin.describeGroups(['idle', 'busy'])
  const positions = await groupPositions(stage.admin, groups)
  const common = { topic: 'orders', metadata: null }
  expect(positions.get('idle')).toEqual([
    { ...common, partition: 0, currentOffset: 7, endOffset: 10, lag: 3, owner: null },
  ])
  const owner = groups[1]?.members[0]
  expect(owner?.groupInstanceId).toBe('worker-1')
  expect(positions.get('busy')).toEqual([
    { ...common, partition: 0, currentOffset: 10, endOffset: 10, lag: 0, owner },
    { ...common, partition: 1, currentOffset: null, endOffset: 0, lag: null, owner },
    { ...common, partition: 2, currentOffset: null, endOffset: 10, lag: null, owner },
  ])
  expect(await groupPositions(stage.admin, [])).toEqual(new Map())
})
