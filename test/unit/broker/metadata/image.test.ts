import { expect, it } from 'vitest'
import { emptyImage } from '../../../../packages/broker/src/metadata/image.ts'

it('begins with nothing but the name of the cluster', () => {
  expect(emptyImage('c')).toMatchObject({ revision: 0, clusterId: 'c', nextProducerId: 0 })
})
