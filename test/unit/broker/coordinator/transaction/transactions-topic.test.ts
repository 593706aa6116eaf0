import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../../../packages/broker/src/config/load.ts'
import { transactionsTopic } from '../../../../../packages/broker/src/coordinator/transaction/transactions-topic.ts'

describe('the topic of transactions', () => {
  it('is compacted and never loses what is in it', () => {
    const { configs, ...topic } = transactionsTopic(loadConfig({}).settings)
    expect(topic).toEqual({
      name: '__transaction_state',
      numPartitions: 50,
      replicationFactor: 1,
      assignments: [],
    })
    expect(configs).toContainEqual({ name: 'cleanup.policy', value: 'compact' })
    expect(configs).toContainEqual({ name: 'unclean.leader.election.enable', value: 'false' })
    expect(configs).toContainEqual({ name: 'compression.type', value: 'uncompressed' })
  })

  it('follows the settings', () => {
    const { settings } = loadConfig({
      overrides: [
        'transaction.state.log.num.partitions=7',
        'transaction.state.log.replication.factor=3',
        'transaction.state.log.min.isr=2',
        'transaction.state.log.segment.bytes=2000000',
      ],
    })
    const topic = transactionsTopic(settings)
    expect(topic).toMatchObject({ numPartitions: 7, replicationFactor: 3 })
    expect(topic.configs).toContainEqual({ name: 'min.insync.replicas', value: '2' })
    expect(topic.configs).toContainEqual({ name: 'segment.bytes', value: '2000000' })
  })
})
