import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../../../packages/broker/src/config/load.ts'
import { groupRulesOf } from '../../../../../packages/broker/src/coordinator/group/group-rules.ts'
import { applyAll } from '../../../../../packages/broker/src/metadata/apply.ts'
import type { MetadataChange } from '../../../../../packages/broker/src/metadata/change.ts'
import { imageWith, newTopic } from '../../../../support/metadata-image.ts'

const set = (
  resourceType: number,
  resourceName: string,
  [name, value]: [string, string],
): MetadataChange => ({ type: 'ConfigRecord', resourceType, resourceName, name, value })
const GROUP = 32
const TOPIC = 2

describe('the rules of groups', () => {
  it('are those of the Kafka that is shipped, for one broker', () => {
    const { settings } = loadConfig({})
    const rules = groupRulesOf(settings, imageWith())
    expect(rules).toMatchObject({
      initialRebalanceDelayMs: 0,
      minSessionTimeoutMs: 6_000,
      maxSessionTimeoutMs: 1_800_000,
      maxSize: 2_147_483_647,
      offsetMetadataMaxBytes: 4_096,
      offsetsRetentionMs: 604_800_000,
      offsetsRetentionCheckIntervalMs: 600_000,
      rebalanceProtocols: ['classic', 'consumer', 'streams'],
      consumer: {
        maxSize: 2_147_483_647,
        assignors: ['uniform', 'range'],
        migrationPolicy: 'bidirectional',
        regexRefreshIntervalMs: 600_000,
      },
    })
    expect(rules.consumer.sessionTimeoutMsOf('any')).toBe(45_000)
    expect(rules.consumer.heartbeatIntervalMsOf('any')).toBe(5_000)
  })

  it('follow what is set on a group, within the bounds of the broker', () => {
    const { settings } = loadConfig({ overrides: ['group.consumer.session.timeout.ms=50000'] })
    const image = applyAll(imageWith(), [
      set(GROUP, 'slow', ['consumer.session.timeout.ms', '60000']),
      set(GROUP, 'wrong', ['consumer.session.timeout.ms', '1']),
      set(GROUP, 'slow', ['consumer.heartbeat.interval.ms', '6000']),
    ])
    const { sessionTimeoutMsOf, heartbeatIntervalMsOf } = groupRulesOf(settings, image).consumer
    expect(['slow', 'wrong', 'other'].map(sessionTimeoutMsOf)).toEqual([60_000, 50_000, 50_000])
    expect(['slow', 'wrong'].map(heartbeatIntervalMsOf)).toEqual([6_000, 5_000])
  })

  it('take the migration policy in any case', () => {
    const { settings } = loadConfig({ overrides: ['group.consumer.migration.policy=DownGrade'] })
    expect(groupRulesOf(settings, imageWith()).consumer.migrationPolicy).toBe('downgrade')
  })

  it('allow records that fit into a batch of the offsets topic', () => {
    const { settings } = loadConfig({})
    const image = imageWith(...newTopic('__consumer_offsets'))
    expect(groupRulesOf(settings, image).maxRecordBytes).toBe(1_048_588 - 128)
    const small = applyAll(image, [
      set(TOPIC, '__consumer_offsets', ['max.message.bytes', '100000']),
    ])
    expect(groupRulesOf(settings, small).maxRecordBytes).toBe(100_000 - 128)
  })
})
