import type { DataRecord } from './data-set.ts'
import type { ReadRecord } from './peer.ts'

/** The first way in which `read` is not `written`, or undefined: every record once, per partition in order, each key in one partition. */
export function difference(
  written: readonly DataRecord[],
  read: readonly ReadRecord[],
): string | undefined {
  if (read.length !== written.length)
    return `${read.length} records were read, and ${written.length} written`
  const partitionOf = new Map<string, number>()
  const byPartition = new Map<number, ReadRecord[]>()
  for (const record of read) {
    const other = partitionOf.get(record.key) ?? record.partition
    if (other !== record.partition)
      return `the key ${record.key} is in partitions ${other} and ${record.partition}`
    partitionOf.set(record.key, other)
    const records = byPartition.get(record.partition) ?? []
    byPartition.set(record.partition, records)
    records.push(record)
  }
  for (const [partition, records] of byPartition) {
    const wanted = written.filter(({ key }) => partitionOf.get(key) === partition)
    const wrong = wanted.findIndex(({ key, value }, offset) => {
      const found = records[offset]
      return found?.offset !== offset || found.key !== key || found.value !== value
    })
    if (wrong !== -1) {
      const found = JSON.stringify(records[wrong])
      return `partition ${partition}, offset ${wrong}: ${found} in place of ${JSON.stringify(wanted[wrong])}`
    }
    if (records.length > wanted.length)
      return `partition ${partition} has ${records.length - wanted.length} more`
  }
  return undefined
}
