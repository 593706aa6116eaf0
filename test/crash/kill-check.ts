import { errorName, nodeCodecs, recordsIn } from '@varve/protocol'
import type { RawConnection } from '../support/raw-connection.ts'
import type { KillProducer } from './kill-producer.ts'
import { fetchOnce } from './kill-reader.ts'

const codecs = nodeCodecs()

/** What stands at each offset of a partition: `producer:number`, by offset from 0 on. */
export type PartitionContent = readonly string[]

/** Reads a partition from the beginning to its high watermark. Throws when an offset is missing. */
export const readPartition = async (
  connection: RawConnection,
  topic: string,
  partition: number,
): Promise<PartitionContent> => {
  const content: string[] = []
  for (;;) {
    const from = { topic, partition, offset: content.length }
    const { records, highWatermark, errorCode } = await fetchOnce(connection, from)
    if (errorCode !== 0)
      throw new Error(`${topic}-${partition} cannot be read: ${errorName(errorCode)}`)
    for (const record of records === null ? [] : recordsIn(records, codecs)) {
      if (record.offset < content.length) continue
      if (record.offset !== content.length) {
        throw new Error(`${topic}-${partition} has ${record.offset} after ${content.length - 1}`)
      }
      content.push(markOf(record.value))
    }
    if (content.length >= highWatermark) return content
  }
}

/**
 * What is wrong with the partitions that were read: an acknowledged record that is not where the answer said, a record of an
 * idempotent producer that is there twice or out of order or with a gap before it, one of a plain producer out of order.
 */
export const faultsOf = (
  producers: readonly KillProducer[],
  contentOf: (topic: string, partition: number) => PartitionContent,
): string[] =>
  producers.flatMap(producer => {
    const { topic, partition } = producer.options
    const content = contentOf(topic, partition)
    return [...lostRecords(producer, content), ...disorder(producer, content), ...producer.refusals]
  })

const lostRecords = (producer: KillProducer, content: PartitionContent): string[] => {
  const faults: string[] = []
  const { name } = producer.options
  for (const { baseOffset, first, count } of producer.acknowledged) {
    for (let index = 0; index < count; index += 1) {
      const found = content[baseOffset + index]
      if (found === `${name}:${first + index}`) continue
      faults.push(
        `${name}:${first + index} was acknowledged at ${baseOffset + index}, where ${found} is`,
      )
    }
  }
  return faults.slice(0, 5)
}

const disorder = (producer: KillProducer, content: PartitionContent): string[] => {
  const faults: string[] = []
  const { name, kind } = producer.options
  const prefix = `${name}:`
  let last = -1
  for (const [offset, mark] of content.entries()) {
    if (!mark.startsWith(prefix)) continue
    const number = Number(mark.slice(prefix.length))
    const isNext = kind === 'idempotent' ? number === last + 1 : number > last
    if (!isNext) faults.push(`${name}:${number} follows ${name}:${last} at ${offset}`)
    last = number
  }
  if (last >= producer.sentCount) faults.push(`${name}:${last} was never sent`)
  return faults.slice(0, 5)
}

/** The producer and the number of a record's value, without the padding. */
const markOf = (value: Buffer | null): string => {
  const text = value?.toString('latin1', 0, 64) ?? ''
  return text.split(':', 2).join(':')
}
