import {
  array,
  bytes,
  ConsumerGroupMetadataValue,
  int16,
  int32,
  message,
  nullableString,
  PartitionChangeRecord,
  RegisterBrokerRecord,
  string,
} from '@varve/protocol'
import { expect, it } from 'vitest'
import { shownMessage } from '../../../../../packages/broker/src/log/dump/shown-value.ts'

const table = message({
  name: 'Example',
  versions: [0, 2],
  flexible: 1,
  fields: {
    name: string,
    later: int16.since(2),
    blob: bytes,
    parts: array({ id: int32, rack: nullableString.since(1) }),
    extra: int32.tagged(0).since(1).orElse(-1),
  },
})

const value = {
  name: 'a',
  later: 7,
  blob: Buffer.from([1, 2]),
  parts: [{ id: 1, rack: null }],
  extra: -1,
}

it('shows the fields that a version has, bytes as base64', () => {
  expect(shownMessage(table, value, 0)).toEqual({ name: 'a', blob: 'AQI=', parts: [{ id: 1 }] })
  expect(shownMessage(table, value, 2)).toEqual({
    ...{ name: 'a', later: 7, blob: 'AQI=' },
    parts: [{ id: 1, rack: null }],
  })
})

it('shows a tagged field only where it says something', () => {
  expect(shownMessage(table, { ...value, extra: 0 }, 1)).toMatchObject({ extra: 0 })
  const change = { partitionId: 0, topicId: 'Jp1TNLGXRqa-XI2MesTGmw', isr: [], leader: -1 }
  const nothing = { replicas: null, removingReplicas: null, addingReplicas: null, leader: -2 }
  const absent = { leaderRecoveryState: -1, directories: null, eligibleLeaderReplicas: null }
  const record = { ...nothing, ...absent, ...change, lastKnownElr: [1] }
  // As Kafka 4.2 prints it.
  expect(shownMessage(PartitionChangeRecord, record, 2)).toEqual({
    ...change,
    lastKnownElr: [1],
  })
  const broker = {
    ...{ brokerId: 1, isMigratingZkBroker: false, incarnationId: 'YEvjRiSTQKO3CQmSTBpFYA' },
    ...{ brokerEpoch: 1, endPoints: [], features: [], rack: null, fenced: false },
    inControlledShutdown: false,
  }
  expect(shownMessage(RegisterBrokerRecord, { ...broker, logDirs: [] }, 3)).not.toHaveProperty(
    'logDirs',
  )
  expect(shownMessage(RegisterBrokerRecord, { ...broker, logDirs: ['x'] }, 3)).toMatchObject({
    logDirs: ['x'],
  })
})

it('shows 64 bits that no number holds by their digits', () => {
  const group = { epoch: 1, metadataHash: '035228fe656a049c' }
  expect(shownMessage(ConsumerGroupMetadataValue, group, 0)).toEqual({
    ...{ epoch: 1, metadataHash: '239298803292308636' },
  })
  const negative = { epoch: 1, metadataHash: 'ffffffffffffffff' }
  expect(shownMessage(ConsumerGroupMetadataValue, negative, 0)).toMatchObject({
    metadataHash: '-1',
  })
})
