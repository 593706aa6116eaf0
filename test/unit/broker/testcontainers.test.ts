import { Varve } from '@varve/client'
import { describe, expect, it } from 'vitest'
import { KafkaContainer } from '../../../packages/broker/src/testcontainers.ts'
import { freePort } from '../../support/processes.ts'

describe('KafkaContainer', () => {
  it('serves clients at its host and mapped port, with the settings of its environment', async () => {
    await using container = await new KafkaContainer('confluentinc/cp-kafka:7.9.1')
      .withKraft()
      .withStartupTimeout(60_000)
      .withEnvironment({
        KAFKA_NUM_PARTITIONS: '7',
        KAFKA_LISTENERS: 'PLAINTEXT://:9093,BROKER://:9092',
        KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'BROKER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
        KAFKA_CONTROLLER_QUORUM_VOTERS: '1@broker:9094',
        KAFKA_LOG_DIRS: '/var/lib/kafka/data',
      })
      .start()
    const broker = `${container.getHost()}:${container.getMappedPort(9093)}`
    await using admin = new Varve({ brokers: [broker] }).admin()
    await admin.createTopics([{ name: 'orders' }])
    const [orders] = await admin.describeTopics(['orders'])
    expect(orders?.error).toBeUndefined()
  })

  it('has the ports that were exposed, and no others', async () => {
    const host = await freePort()
    await using container = await new KafkaContainer()
      .withExposedPorts({ container: 29_092, host })
      .start()
    expect(container.getMappedPort(29_092)).toBe(host)
    expect(container.getFirstMappedPort()).toBe(host)
    expect(() => container.getMappedPort(9093)).toThrow(
      'The port 9093 is not exposed; expected 29092, or name it in withExposedPorts().',
    )
  })

  it('is a cluster of its own, and refuses a setting that cannot be', async () => {
    await using first = await new KafkaContainer().withExposedPorts(9094).start()
    await using second = await new KafkaContainer().start()
    expect(first.getId()).not.toBe(second.getId())
    expect(first.getMappedPort(9094)).not.toBe(second.getMappedPort(9093))
    await second.stop()
    const wrong = new KafkaContainer().withEnvironment({ KAFKA_NUM_PARTITIONS: 'many' })
    await expect(wrong.start()).rejects.toThrow('num.partitions')
  })
})
