import { expect, it } from 'vitest'
import { applyAll } from '../../../../packages/broker/src/metadata/apply.ts'
import { emptyImage } from '../../../../packages/broker/src/metadata/image.ts'
import {
  changesThatMake,
  imageOfSnapshot,
  snapshotBytes,
} from '../../../../packages/broker/src/metadata/snapshot.ts'
import { imageWith, newTopic, registration } from '../../../support/metadata-image.ts'

const image = imageWith(...newTopic('a', 2500), registration(1))
const about = { path: '/s', revision: image.revision, clusterId: image.clusterId }

it('makes the image from nothing, without bumping an epoch again', () => {
  const made = applyAll(emptyImage(image.clusterId), [...changesThatMake(image)])
  expect({ ...made, revision: image.revision }).toEqual(image)
  expect(made.topics.byName.get('a')?.partitions[0]?.leaderEpoch).toBe(1)
})

it('goes over several batches and is the same image again', () => {
  expect(imageOfSnapshot(snapshotBytes(image, { leaderEpoch: 1, timestamp: 0 }), about)).toEqual(
    image,
  )
})

it('is damaged without its footer', () => {
  const bytes = snapshotBytes(imageWith(), { leaderEpoch: 1, timestamp: 0 })
  const footerBytes = 61 + 7 + 4 + 3
  expect(() => imageOfSnapshot(bytes.subarray(0, bytes.length - footerBytes), about)).toThrow(
    'The metadata snapshot /s is damaged; restore it from a copy.',
  )
})
