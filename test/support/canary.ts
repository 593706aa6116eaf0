/** Another client of a broker that a test treats badly: it writes, reads what it wrote, and looks after the ends of logs. */

import { CreateTopics, errorName, Fetch, ListOffsets, Produce, recordsIn } from '@varve/protocol'
import { expect } from 'vitest'
import { RawConnection } from './raw-connection.ts'
import { batchOf } from './record-batches.ts'

const CANARY_TOPIC = 'canary'
const LATEST = -1

export interface TopicOfTest {
  readonly name: string
  readonly partitions?: number
  readonly configs?: { readonly [name: string]: string }
}

export class Canary {
  readonly #connection: RawConnection
  #written = 0

  private constructor(connection: RawConnection) {
    this.#connection = connection
  }

  /** Connects, and creates its own topic and those that the test wants. */
  static async open(
    at: { readonly host: string; readonly port: number },
    topics: readonly TopicOfTest[] = [],
  ): Promise<Canary> {
    const canary = new Canary(await RawConnection.open(at))
    await canary.createTopics([{ name: CANARY_TOPIC }, ...topics])
    return canary
  }

  /** Connects to a broker that has its topics already. */
  static async reopen(at: { readonly host: string; readonly port: number }): Promise<Canary> {
    return new Canary(await RawConnection.open(at))
  }

  async createTopics(topics: readonly TopicOfTest[]): Promise<void> {
    const created = await this.#connection.request(CreateTopics, 7, {
      topics: topics.map(({ name, partitions = 1, configs = {} }) => ({
        name,
        numPartitions: partitions,
        replicationFactor: 1,
        assignments: [],
        configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
      })),
      timeoutMs: 5000,
      validateOnly: false,
    })
    for (const { name, errorCode } of created.topics) {
      expect(errorName(errorCode), `creating ${name}`).toBe('NONE')
    }
  }

  /** Writes a record and reads it back: the broker is well. */
  async sings(): Promise<void> {
    const value = `note ${this.#written++}`
    const { responses } = await this.#connection.request(Produce, 9, {
      acks: -1,
      timeoutMs: 10_000,
      topicData: [
        {
          name: CANARY_TOPIC,
          partitionData: [{ index: 0, records: batchOf({ values: [value] }) }],
        },
      ],
    })
    const produced = responses[0]?.partitionResponses[0]
    expect(errorName(produced?.errorCode ?? -1)).toBe('NONE')
    const records = await this.recordsFrom(CANARY_TOPIC, produced?.baseOffset ?? -1)
    expect([...recordsIn(records)].map(record => `${record.value}`)).toEqual([value])
  }

  /** The bytes of partition 0 from `offset` up to the high watermark, as far as one answer reaches. */
  async recordsFrom(topic: string, offset: number): Promise<Uint8Array> {
    const { responses } = await this.#connection.request(Fetch, 12, {
      maxWaitMs: 0,
      minBytes: 0,
      isolationLevel: 0,
      topics: [
        {
          topic,
          partitions: [{ partition: 0, fetchOffset: offset, partitionMaxBytes: 10_000_000 }],
        },
      ],
      forgottenTopicsData: [],
    })
    const partition = responses[0]?.partitions[0]
    expect(errorName(partition?.errorCode ?? -1)).toBe('NONE')
    return partition?.records ?? new Uint8Array()
  }

  async endOf(topic: string): Promise<number> {
    const { topics } = await this.#connection.request(ListOffsets, 7, {
      replicaId: -1,
      topics: [{ name: topic, partitions: [{ partitionIndex: 0, timestamp: LATEST }] }],
    })
    return topics[0]?.partitions[0]?.offset ?? -1
  }

  destroy(): void {
    this.#connection.destroy()
  }
}
