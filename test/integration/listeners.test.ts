/** A broker with an inside and an outside, told as images of Kafka are told: each client hears of the address of its own side. */
import { DescribeCluster, DescribeQuorum, FindCoordinator, Metadata } from '@varve/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBroker } from '../../packages/broker/src/broker.ts'
import { loadConfig } from '../../packages/broker/src/config/load.ts'
import { memoryWorld } from '../../packages/broker/src/memory/world.ts'
import { NodeClock } from '../../packages/broker/src/node/clock.ts'
import { silentLog } from '../../packages/broker/src/node/log.ts'
import { nodeNetwork } from '../../packages/broker/src/node/network.ts'
import { nodeRandom } from '../../packages/broker/src/node/random.ts'
import { RawConnection } from '../support/raw-connection.ts'

const protocols = ['INSIDE', 'OUTSIDE', 'LOCAL', 'LOCAL6', 'CONTROLLER']

const environment = {
  CLUSTER_ID: '4L6g3nShT-eMCtK--X86sw',
  KAFKA_NODE_ID: '7',
  KAFKA_PROCESS_ROLES: 'broker,controller',
  KAFKA_CONTROLLER_QUORUM_VOTERS: '7@varve:29093',
  KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
  KAFKA_INTER_BROKER_LISTENER_NAME: 'INSIDE',
  KAFKA_LISTENERS:
    'CONTROLLER://:29093,INSIDE://127.0.0.1:0,OUTSIDE://127.0.0.1:0,LOCAL://:0,LOCAL6://[::1]:0',
  KAFKA_ADVERTISED_LISTENERS: 'INSIDE://varve:19092,OUTSIDE://[2001:db8::7]:9092',
  KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: protocols.map(name => `${name}:PLAINTEXT`).join(),
  KAFKA_LOG_DIRS: '/data',
}

const world = memoryWorld({
  clock: new NodeClock(() => undefined),
  random: nodeRandom,
  network: nodeNetwork(),
  log: silentLog,
  fail: () => undefined,
  diskBytes: 2 ** 30,
})
const config = loadConfig({ environment })
let broker: Awaited<ReturnType<typeof openBroker>>

beforeAll(async () => {
  broker = await openBroker({ world, config, dataDirectory: '/data', storage: 'memory' })
})

afterAll(() => broker.stop())

const portOf = (listener: string): number =>
  broker.listeners.find(({ name }) => name === listener)?.port ?? 0

/** What a client hears that came through the listener, from each API that tells addresses. */
async function heard(listener: string, host: string) {
  await using connection = await RawConnection.open({ host, port: portOf(listener) })
  const { brokers } = await connection.request(Metadata, 13, { topics: [] })
  const cluster = await connection.request(DescribeCluster, 2, {
    includeClusterAuthorizedOperations: false,
  })
  const request = { keyType: 0, coordinatorKeys: ['billing'] }
  const { coordinators } = await connection.request(FindCoordinator, 4, request)
  const { nodes } = await connection.request(DescribeQuorum, 2, {
    topics: [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }],
  })
  const told = [...brokers, ...cluster.brokers, ...coordinators, ...(nodes[0]?.listeners ?? [])]
  expect(told).toHaveLength(4)
  expect(nodes[0]?.listeners[0]?.name).toBe(listener)
  return new Set(told.map(one => `${one.host} ${one.port}`))
}

describe('a broker with several listeners', () => {
  it('takes what the environment says, and leaves the listener for controllers closed', () => {
    expect(config.warnings).toEqual([])
    expect([broker.clusterId, config.nodeId]).toEqual(['4L6g3nShT-eMCtK--X86sw', 7])
    expect(broker.listeners.map(({ name }) => name)).toEqual(protocols.slice(0, 4))
  })

  it('tells each client the address that is advertised for its side, everywhere the same', async () => {
    expect(await heard('INSIDE', '127.0.0.1')).toEqual(new Set(['varve 19092']))
    expect(await heard('OUTSIDE', '127.0.0.1')).toEqual(new Set(['2001:db8::7 9092']))
  })

  it('tells the address that the client came by where nothing is advertised, in IPv4 and IPv6', async () => {
    expect(await heard('LOCAL6', '::1')).toEqual(new Set([`::1 ${portOf('LOCAL6')}`]))
    expect(await heard('LOCAL', '::1')).toEqual(new Set([`::1 ${portOf('LOCAL')}`]))
    expect(await heard('LOCAL', '127.0.0.1')).toEqual(new Set([`127.0.0.1 ${portOf('LOCAL')}`]))
  })
})
