import { describe, expect, it } from 'vitest'
import { applyAll } from '../../../../packages/broker/src/metadata/apply.ts'
import {
  changesOfStart,
  type StartingBroker,
} from '../../../../packages/broker/src/metadata/register.ts'
import {
  UPGRADE_TYPE,
  updateFeatures,
} from '../../../../packages/broker/src/metadata/update-features.ts'
import { imageWith } from '../../../support/metadata-image.ts'

const { UPGRADE, SAFE_DOWNGRADE, UNSAFE_DOWNGRADE } = UPGRADE_TYPE
const broker: StartingBroker = {
  ...{ brokerId: 1, incarnationId: 'AAAAAAAAAAAAAAAAAAAACQ', endPoints: [], rack: null },
  logDirs: [],
  lastStop: 'clean',
}
const started = imageWith(...changesOfStart(imageWith(), broker))

describe('new levels of features', () => {
  it.each([
    ['group.version', 0, SAFE_DOWNGRADE, 'NONE'],
    ['group.version', 0, UNSAFE_DOWNGRADE, 'NONE'],
    ['group.version', 0, UPGRADE, 'INVALID_UPDATE_VERSION'],
    ['group.version', 1, UPGRADE, 'NONE'],
    ['group.version', 2, UPGRADE, 'INVALID_UPDATE_VERSION'],
    ['group.version', -1, SAFE_DOWNGRADE, 'INVALID_UPDATE_VERSION'],
    ['group.version', 1, 0, 'INVALID_UPDATE_VERSION'],
    ['metadata.version', 23, SAFE_DOWNGRADE, 'NONE'],
    ['metadata.version', 22, SAFE_DOWNGRADE, 'INVALID_UPDATE_VERSION'],
    ['metadata.version', 22, UNSAFE_DOWNGRADE, 'INVALID_UPDATE_VERSION'],
    ['metadata.version', 6, UNSAFE_DOWNGRADE, 'INVALID_UPDATE_VERSION'],
    ['metadata.version', 30, UPGRADE, 'INVALID_UPDATE_VERSION'],
    ['share.version', 1, UPGRADE, 'INVALID_UPDATE_VERSION'],
  ])('%s at %i by a change of kind %i: %s', (feature, level, upgradeType, error) => {
    const { outcome } = updateFeatures(started, [{ feature, level, upgradeType }])
    expect(outcome.error).toBe(error)
  })

  it('are taken all or none, and each once', () => {
    const down = { feature: 'group.version', level: 0, upgradeType: SAFE_DOWNGRADE }
    expect(updateFeatures(started, [down, down]).outcome.error).toBe('INVALID_REQUEST')
    expect(updateFeatures(started, [down, down]).changes).toEqual([])
    const wrong = { feature: 'transaction.version', level: 9, upgradeType: UPGRADE }
    expect(updateFeatures(started, [down, wrong]).changes).toEqual([])
    expect(updateFeatures(started, []).outcome.error).toBe('NONE')
  })

  it('outlive the next start', () => {
    const down = { feature: 'group.version', level: 0, upgradeType: SAFE_DOWNGRADE }
    const lowered = applyAll(started, updateFeatures(started, [down]).changes)
    expect(changesOfStart(lowered, broker)).toEqual([])
    expect(lowered.features.get('group.version')).toBe(0)
    // What is switched off may be switched on again, and off once more without a word in the log.
    expect(updateFeatures(lowered, [down]).changes).toEqual([])
    const up = { feature: 'group.version', level: 1, upgradeType: UPGRADE }
    expect(updateFeatures(lowered, [up]).changes).toHaveLength(1)
  })
})
