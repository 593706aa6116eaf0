import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../../../packages/broker/src/config/config-error.ts'
import { loadConfig } from '../../../../packages/broker/src/config/load.ts'

describe('loading the configuration', () => {
  it('starts from nothing: broker 1 on the standard address, with nothing to warn of', () => {
    const { settings, nodeId, listeners, dataDirectories, warnings, clusterId } = loadConfig({})
    expect(nodeId).toBe(1)
    expect(listeners).toEqual([
      {
        name: 'PLAINTEXT',
        host: '127.0.0.1',
        port: 9092,
        securityProtocol: 'PLAINTEXT',
        advertised: undefined,
      },
    ])
    expect(dataDirectories).toEqual(['./data'])
    expect(settings.text('flush.mode')).toBe('durable')
    expect(clusterId).toBeUndefined()
    expect(warnings).toEqual([])
  })

  it('takes options over overrides, overrides over the environment, and that over the file', () => {
    const sources = {
      file: 'num.partitions=2\nlog.segment.bytes=2000000\nlog.retention.ms=2\nmessage.max.bytes=2',
      environment: {
        KAFKA_LOG_SEGMENT_BYTES: '3000000',
        KAFKA_LOG_RETENTION_MS: '3',
        KAFKA_MESSAGE_MAX_BYTES: '3',
      },
      overrides: ['log.retention.ms=4', 'message.max.bytes=4'],
      options: { 'message.max.bytes': '5', 'log.dirs': undefined },
    }
    const { settings } = loadConfig(sources)
    expect(settings.int('num.partitions')).toBe(2)
    expect(settings.int('log.segment.bytes')).toBe(3_000_000)
    expect(settings.int('log.retention.ms')).toBe(4)
    expect(settings.int('message.max.bytes')).toBe(5)
  })

  it('refuses a bad value with the name, the value and what was expected', () => {
    const load = (override: string) => () => loadConfig({ overrides: [override] })
    expect(load('num.partitions=0')).toThrow(
      new ConfigError('num.partitions has "0"; expected an integer (32 bits), at least 1.'),
    )
    expect(load('log.cleanup.policy=delete,shred')).toThrow(
      'log.cleanup.policy has "delete,shred"; expected a comma-separated list of compact, delete.',
    )
    expect(load('flush.mode=sometimes')).toThrow(
      'flush.mode has "sometimes"; expected one of durable, relaxed.',
    )
    expect(load('log.retention.ms=9223372036854775808')).toThrow('expected an integer (64 bits)')
    expect(load('auto.create.topics.enable=yes')).toThrow('expected true or false')
    expect(load('flush.mode')).toThrow('expected key=value')
  })

  it('never shows a secret', () => {
    const load = () => loadConfig({ overrides: ['ssl.key.password=hunter2'] })
    expect(load().warnings.join()).not.toContain('hunter2')
  })

  it('keeps the text of a number beyond 2^53 and saturates its value', () => {
    const { settings } = loadConfig({ overrides: ['log.retention.bytes=9223372036854775807'] })
    expect(settings.text('log.retention.bytes')).toBe('9223372036854775807')
    expect(settings.int('log.retention.bytes')).toBe(Number.MAX_SAFE_INTEGER)
  })

  it('refuses a name that is almost a known one, with the suggestion', () => {
    const load = (override: string) => () => loadConfig({ overrides: [override] })
    expect(load('log.retention.hour=1')).toThrow(
      'log.retention.hour is no setting of the broker; did you mean log.retention.hours?',
    )
    expect(load('num.patritions=1')).toThrow('did you mean num.partitions?')
    expect(load('retention.ms=1')).toThrow('for the default of this broker use log.retention.ms')
  })

  it('warns once of an unknown name that is like no other, and goes on', () => {
    const { warnings } = loadConfig({ overrides: ['zookeeper.connect=zk:2181'] })
    expect(warnings).toEqual(['The setting zookeeper.connect is unknown and has no effect.'])
  })

  it('accepts a known setting that is not implemented with one warning, and silently when it is the default', () => {
    const { warnings } = loadConfig({ overrides: ['num.io.threads=16', 'num.network.threads=3'] })
    expect(warnings).toEqual([
      'The setting num.io.threads is known, but Varve does not implement it: it has no effect.',
    ])
  })

  it('refuses an authorizer, because it would let everybody in', () => {
    const load = () => loadConfig({ overrides: ['authorizer.class.name=org.example.Authorizer'] })
    expect(load).toThrow('everybody would be allowed everything')
  })

  it('tells the id of the node under its old name, too', () => {
    expect(loadConfig({ overrides: ['node.id=7'] }).settings.text('broker.id')).toBe('7')
    expect(loadConfig({ overrides: ['broker.id=7'] }).settings.text('node.id')).toBe('7')
  })

  it('takes over the environment of a KRaft compose file without a word', () => {
    const { warnings, listeners, nodeId, clusterId } = loadConfig({
      environment: {
        PATH: '/bin',
        CLUSTER_ID: 'MkU3OEVBNTcwNTJENDM2Qg',
        KAFKA_NODE_ID: '3',
        KAFKA_PROCESS_ROLES: 'broker,controller',
        KAFKA_LISTENERS: 'PLAINTEXT://:19092,CONTROLLER://:9093,PLAINTEXT_HOST://0.0.0.0:9092',
        KAFKA_ADVERTISED_LISTENERS: 'PLAINTEXT://broker:19092,PLAINTEXT_HOST://localhost:9092',
        KAFKA_LISTENER_SECURITY_PROTOCOL_MAP:
          'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PLAINTEXT_HOST:PLAINTEXT',
        KAFKA_INTER_BROKER_LISTENER_NAME: 'PLAINTEXT',
        KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
        KAFKA_CONTROLLER_QUORUM_VOTERS: '3@broker:9093',
        KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
        KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '3000',
        KAFKA_HEAP_OPTS: '-Xmx1G',
        KAFKA_JMX_PORT: '9101',
        KAFKA_LOG4J_LOGGERS: 'kafka.controller=INFO',
        KAFKA_PORT: 'tcp://10.0.0.1:9092',
      },
    })
    expect(nodeId).toBe(3)
    expect(clusterId).toBe('MkU3OEVBNTcwNTJENDM2Qg')
    expect(listeners).toEqual([
      {
        name: 'PLAINTEXT',
        host: '',
        port: 19_092,
        securityProtocol: 'PLAINTEXT',
        advertised: { host: 'broker', port: 19_092 },
      },
      {
        name: 'PLAINTEXT_HOST',
        host: '0.0.0.0',
        port: 9092,
        securityProtocol: 'PLAINTEXT',
        advertised: { host: 'localhost', port: 9092 },
      },
    ])
    expect(warnings.filter(warning => !warning.includes('replication.factor'))).toEqual([])
  })

  it('takes broker.id for node.id, and log.dir for log.dirs', () => {
    const { nodeId, dataDirectories } = loadConfig({ file: 'broker.id=7\nlog.dir=/var/lib/varve' })
    expect(nodeId).toBe(7)
    expect(dataDirectories).toEqual(['/var/lib/varve'])
    expect(() => loadConfig({ file: 'broker.id=7\nnode.id=8' })).toThrow('they mean the same thing')
  })

  it('refuses a node that would serve no clients', () => {
    expect(() => loadConfig({ overrides: ['process.roles=controller'] })).toThrow(
      'expected a list with broker in it',
    )
  })
})
