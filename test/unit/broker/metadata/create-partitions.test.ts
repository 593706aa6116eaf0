import { expect, it } from 'vitest'
import { loadConfig } from '../../../../packages/broker/src/config/load.ts'
import { applyAll } from '../../../../packages/broker/src/metadata/apply.ts'
import { createPartitions } from '../../../../packages/broker/src/metadata/create-partitions.ts'
import { imageWith, newTopic } from '../../../support/metadata-image.ts'

it('numbers the new partitions after the old ones, and leaves those as they are', () => {
  const image = imageWith(...newTopic('a', 2))
  const wanted = [{ name: 'a', count: 4, assignments: null }]
  const { changes } = createPartitions(image, wanted, loadConfig({}).settings)
  const partitions = applyAll(image, changes).topics.byName.get('a')?.partitions
  expect(partitions).toHaveLength(4)
  expect(partitions?.slice(0, 2)).toEqual(image.topics.byName.get('a')?.partitions)
})

it('leaves internal topics as they are: coordinators find their state by the number of partitions', () => {
  const image = imageWith(...newTopic('__consumer_offsets', 2))
  const wanted = [{ name: '__consumer_offsets', count: 4, assignments: null }]
  const { outcome, changes } = createPartitions(image, wanted, loadConfig({}).settings)
  expect(outcome).toMatchObject([{ error: 'INVALID_TOPIC_EXCEPTION' }])
  expect(changes).toEqual([])
})
