import fc from 'fast-check'
import type { MetadataChange, QuotaEntity } from '../../packages/broker/src/metadata/change.ts'

const topicIds = ['AAAAAAAAAAAAAAAAAAAAAg', 'AAAAAAAAAAAAAAAAAAAAAw', 'AAAAAAAAAAAAAAAAAAAABA']
const names = ['orders', 'clicks', 'a.b']

const topicId = fc.constantFrom(...topicIds)
const name = fc.constantFrom(...names)
const brokerIds = fc.uniqueArray(fc.integer({ min: 1, max: 3 }), { minLength: 1 })

const someBytes = fc.uint8Array({ maxLength: 4 })

/** Any change, sensible or not: what is known is a small world, so that changes meet. */
export const anyChange: fc.Arbitrary<MetadataChange> = fc.oneof(
  fc.record({ type: fc.constant('TopicRecord' as const), name, topicId }),
  fc.record({
    type: fc.constant('PartitionRecord' as const),
    topicId,
    partitionId: fc.integer({ min: 0, max: 4 }),
    replicas: brokerIds,
    isr: brokerIds,
    leader: fc.integer({ min: -1, max: 3 }),
    leaderEpoch: fc.integer({ min: 0, max: 9 }),
    partitionEpoch: fc.integer({ min: 0, max: 9 }),
  }),
  fc.record({ type: fc.constant('RemoveTopicRecord' as const), topicId }),
  fc.record({
    type: fc.constant('ConfigRecord' as const),
    resourceType: fc.constantFrom(2, 4, 16, 32),
    resourceName: fc.constantFrom(...names, '', '1'),
    name: fc.constantFrom('retention.ms', 'cleanup.policy', '__proto__'),
    value: fc.option(fc.string({ maxLength: 5 }), { nil: null }),
  }),
  fc.record({
    type: fc.constant('FeatureLevelRecord' as const),
    name: fc.constantFrom('metadata.version', 'group.version'),
    featureLevel: fc.integer({ min: 0, max: 30 }),
  }),
  fc.record({
    type: fc.constant('ProducerIdsRecord' as const),
    brokerId: fc.integer({ min: 1, max: 3 }),
    nextProducerId: fc.integer({ min: 0, max: 2 ** 53 - 1 }),
  }),
  fc.record({
    type: fc.constant('RegisterBrokerRecord' as const),
    brokerId: fc.integer({ min: 1, max: 3 }),
    incarnationId: topicId,
    brokerEpoch: fc.nat(),
    endPoints: fc.array(
      fc.record({
        name: fc.constant('PLAINTEXT'),
        host: fc.domain(),
        port: fc.integer({ min: 1, max: 65_535 }),
        securityProtocol: fc.constant(0),
      }),
      { maxLength: 2 },
    ),
    rack: fc.option(fc.constant('r1'), { nil: null }),
    logDirs: fc.array(topicId, { maxLength: 2 }),
  }),
  fc.record({
    type: fc.constant('UnregisterBrokerRecord' as const),
    brokerId: fc.integer({ min: 1, max: 3 }),
    brokerEpoch: fc.nat(),
  }),
  fc.record({
    type: fc.constant('ClientQuotaRecord' as const),
    entity: fc.constantFrom<QuotaEntity>(
      [{ entityType: 'user', entityName: 'alice' }],
      [{ entityType: 'user', entityName: null }],
      [
        { entityType: 'client-id', entityName: '' },
        { entityType: 'user', entityName: 'alice' },
      ],
      [{ entityType: 'ip', entityName: '::1' }],
    ),
    key: fc.constantFrom('producer_byte_rate', 'request_percentage'),
    value: fc.double({ noNaN: true }),
    remove: fc.boolean(),
  }),
  fc.record({
    type: fc.constant('UserScramCredentialRecord' as const),
    name,
    mechanism: fc.constantFrom(1, 2),
    salt: someBytes,
    storedKey: someBytes,
    serverKey: someBytes,
    iterations: fc.nat(),
  }),
  fc.record({
    type: fc.constant('RemoveUserScramCredentialRecord' as const),
    name,
    mechanism: fc.constantFrom(1, 2),
  }),
)
