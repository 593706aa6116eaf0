import { describe, expect, it } from 'vitest'
import { imageOfKraft } from '../../../../packages/broker/src/metadata/kraft-image.ts'
import type { KraftRecord } from '../../../../packages/broker/src/metadata/kraft-log.ts'
import {
  DIRECTORY_ID,
  kraftConfig,
  kraftFeature,
  kraftRecord,
  kraftTopic,
} from '../../../support/kraft-records.ts'

const owner = { clusterId: 'c', nodeId: 1, directoryId: DIRECTORY_ID }
const imageOf = (...records: KraftRecord[]) =>
  imageOfKraft({ records, endOffset: 42, leaderEpoch: 3 }, owner)

describe("Kafka's metadata becomes ours", () => {
  it('with the next leader epoch for every partition, and the next offset for our first record', () => {
    const image = imageOf(kraftFeature('metadata.version', 27), ...kraftTopic('orders'))
    expect(image.revision).toBe(42)
    expect(image.topics.byName.get('orders')?.partitions).toEqual([
      { leader: 1, leaderEpoch: 5, replicas: [1], isr: [1], partitionEpoch: 10 },
    ])
  })

  it('with the levels that its operator chose: what was off stays off', () => {
    const image = imageOf(kraftFeature('metadata.version', 21), kraftFeature('share.version', 1))
    expect(Object.fromEntries(image.features)).toEqual({
      'metadata.version': 21,
      'group.version': 0,
      'transaction.version': 0,
      'share.version': 1,
    })
  })

  it('with its producer ids, settings and brokers, but without other nodes', () => {
    const broker = (brokerId: number) =>
      kraftRecord({
        type: 'RegisterBrokerRecord',
        version: 3,
        record: {
          ...{ brokerId, incarnationId: DIRECTORY_ID, brokerEpoch: 7, endPoints: [] },
          ...{ features: [], rack: null, fenced: true, logDirs: [] },
        },
      })
    const ids = { brokerId: 1, brokerEpoch: 7, nextProducerId: 3000 }
    const image = imageOf(
      ...[broker(1), broker(2), ...kraftTopic('orders')],
      kraftConfig('orders', 'retention.ms', '-1'),
      kraftRecord({ type: 'ProducerIdsRecord', version: 0, record: ids }),
    )
    expect([...image.brokers.keys()]).toEqual([1])
    expect(image.nextProducerId).toBe(3000)
    expect(image.topics.byName.get('orders')?.configs.get('retention.ms')).toBe('-1')
  })
})

describe("Kafka's metadata is refused, by name,", () => {
  const cases: [string, KraftRecord[], RegExp][] = [
    ['when it is newer', [kraftFeature('metadata.version', 30)], /metadata\.version is 30/],
    [
      'when a partition has other replicas',
      kraftTopic('orders', { replicas: [1, 2], directories: [DIRECTORY_ID, DIRECTORY_ID] }),
      /partition orders-0 is on nodes 1, 2, and Varve stands alone/,
    ],
    [
      'when a partition is on another node',
      kraftTopic('orders', { replicas: [3] }),
      /partition orders-0 is on node 3,/,
    ],
    [
      'when a partition lies in another log directory',
      kraftTopic('orders', { directories: ['AAAAAAAAAAAAAAAAAAAAZA'] }),
      /orders-0 lies in another log directory \(AAAAAAAAAAAAAAAAAAAAZA\)/,
    ],
    [
      'when records are in remote storage',
      [...kraftTopic('orders'), kraftConfig('orders', 'remote.storage.enable', 'true')],
      /orders has records in remote storage/,
    ],
    ['when a name would lead out of the folder', kraftTopic('../orders'), /names a topic wrongly/],
  ]
  for (const [when, records, message] of cases)
    it(when, () => {
      expect(() => imageOf(...records)).toThrow(message)
    })
})
