import { expect, it } from 'vitest'
import {
  supportedFeature,
  supportedFeatures,
} from '../../../../packages/broker/src/metadata/features.ts'
import { FEATURE_LEVELS } from '../../../../packages/broker/src/metadata/register.ts'

it('supports the levels that a new cluster gets, as the highest', () => {
  expect(supportedFeatures.map(({ name, maxVersion }) => [name, maxVersion])).toEqual([
    ...FEATURE_LEVELS,
  ])
  expect(supportedFeature('group.version')).toMatchObject({ minVersion: 0, maxVersion: 1 })
  expect(supportedFeature('kraft.version')).toBeUndefined()
})
