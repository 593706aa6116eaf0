import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../../../packages/broker/src/config/load.ts'
import { transactionRulesOf } from '../../../../../packages/broker/src/coordinator/transaction/transaction-rules.ts'
import { imageWith } from '../../../../support/metadata-image.ts'

const feature = (featureLevel: number, name = 'transaction.version') =>
  imageWith({ type: 'FeatureLevelRecord', name, featureLevel })

describe('the rules of transactions', () => {
  it('are those of the Kafka that is shipped', () => {
    const { settings } = loadConfig({})
    expect(transactionRulesOf(settings, imageWith())).toEqual({
      maxTimeoutMs: 900_000,
      idExpirationMs: 604_800_000,
      idExpirationCheckIntervalMs: 3_600_000,
      maxRecordBytes: 1_048_588 - 128,
      transactionVersion: 0,
    })
  })

  it('follow the settings of the broker', () => {
    const { settings } = loadConfig({
      overrides: [
        'transaction.max.timeout.ms=1000',
        'transactional.id.expiration.ms=2000',
        'transaction.remove.expired.transaction.cleanup.interval.ms=3000',
      ],
    })
    expect(transactionRulesOf(settings, imageWith())).toMatchObject({
      maxTimeoutMs: 1000,
      idExpirationMs: 2000,
      idExpirationCheckIntervalMs: 3000,
    })
  })

  it('take the version that is finalized, as far as it is known', () => {
    const { settings } = loadConfig({})
    const versionOf = (level: number, name?: string) =>
      transactionRulesOf(settings, feature(level, name)).transactionVersion
    expect([0, 1, 2, 3].map(level => versionOf(level))).toEqual([0, 1, 2, 2])
    expect(versionOf(2, 'group.version')).toBe(0)
  })
})
