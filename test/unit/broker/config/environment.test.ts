import { describe, expect, it } from 'vitest'
import { settingsOfEnvironment } from '../../../../packages/broker/src/config/environment.ts'

describe('the environment', () => {
  it('names settings as the container images do', () => {
    const { values } = settingsOfEnvironment({
      KAFKA_LOG_RETENTION_MS: '1',
      KAFKA_A__B___C: '2',
      KAFKA_CFG_NUM_PARTITIONS: '3',
      HOME: '/root',
    })
    expect([...values]).toEqual([
      ['log.retention.ms', '1'],
      ['a_b-c', '2'],
      ['num.partitions', '3'],
    ])
  })

  it('leaves out what belongs to the images, the virtual machine or Kubernetes', () => {
    const { values } = settingsOfEnvironment({
      KAFKA_HEAP_OPTS: 'x',
      KAFKA_OPTS: 'x',
      KAFKA_JMX_HOSTNAME: 'x',
      KAFKA_LOG4J_ROOT_LOGLEVEL: 'x',
      KAFKA_PORT_9092_TCP_ADDR: 'x',
      KAFKA_SERVICE_HOST: 'x',
    })
    expect(values.size).toBe(0)
  })
})
