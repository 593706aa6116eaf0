import { describe, expect, it } from 'vitest'
import type { ProduceLoad } from '../../bench/generator.ts'
import { type KafkaCase, kafkaCases } from '../../bench/peers/kafka-cases.ts'

const cases = kafkaCases({ forMs: 800, logBytes: 2 ** 20, openMs: 1_000 })
const durable = cases.filter(({ name }) => name.startsWith('durable: '))
const isAsked = ({ aims }: KafkaCase): boolean => aims.some(({ atLeast }) => atLeast !== undefined)

function loadOf(one: KafkaCase): ProduceLoad {
  const load = one.load(9092, 'a-topic')
  if (load.type !== 'produce') throw new Error(`${one.name} is no produce load`)
  return load
}

describe('the loads beside Kafka', () => {
  it('have names that differ, for results are found by them', () => {
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length)
  })

  it('ask for durable acknowledgements of what keeps the broker busy, on 1 to 128 partitions', () => {
    const asked = durable.filter(isAsked)
    const shapes = asked.map(loadOf).map(({ batchBytes, partitions }) => [batchBytes, partitions])
    const counts = [1, 8, 32, 128]
    expect(shapes).toEqual([0, 16_384].flatMap(bytes => counts.map(count => [bytes, count])))
    for (const { connections, inFlight, partitions } of asked.map(loadOf)) {
      expect(connections).toBe(8)
      expect(inFlight).toBeGreaterThanOrEqual(5)
      expect(connections * inFlight).toBeGreaterThanOrEqual(partitions)
    }
    for (const { aims } of asked) expect(aims.map(({ atLeast }) => atLeast)).toEqual([1, 5])
  })

  it('ask nothing where each acknowledgement is waited for, which tells how long a sync takes', () => {
    const waiting = durable.filter(one => !isAsked(one)).map(loadOf)
    expect(waiting.map(({ partitions }) => partitions)).toEqual([1, 8])
    for (const { connections, inFlight, partitions } of waiting)
      expect(connections * inFlight).toBe(partitions)
  })
})
