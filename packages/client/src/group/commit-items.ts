import type { ReadPartition } from '../consumer/read-partition.ts'
import { ConsumerRecord } from '../consumer/record.ts'
import { FencedError } from '../errors.ts'
import { badOption } from '../options.ts'
import type { CommitItem } from './committer.ts'
import type { OffsetToCommit } from './offset-requests.ts'

/** Everything that was handed out of these partitions, or only what was handled. */
export function allItems(
  partitions: readonly ReadPartition[],
  which: 'handed-out' | 'handled',
): CommitItem[] {
  return partitions.flatMap(source => {
    const { topic, partition, handledOffset } = source
    const offset = which === 'handled' || handledOffset < 0 ? handledOffset : source.position
    return offset < 0 ? [] : [{ topic, partition, offset, source }]
  })
}

/** What the caller wants committed, with the ownerships that entitle to it. Throws `FencedError` without one. */
export function itemsFor(
  partitions: readonly ReadPartition[],
  what: ConsumerRecord | readonly OffsetToCommit[],
): CommitItem[] {
  if (what instanceof ConsumerRecord) {
    const { topic, partition, offset } = what
    // A partition that was lost and came back is another one: what was read before does not count.
    const source = partitions.find(one => what.isFrom(one))
    if (source === undefined) throw notOurs(what)
    return [{ topic, partition, offset: offset + 1, source }]
  }
  return what.map(item => {
    const { topic, partition, offset } = item
    if (!Number.isSafeInteger(offset) || offset < 0)
      throw badOption({ name: 'offset', value: offset, expected: 'an offset of at least 0' })
    const source = partitions.find(one => one.topic === topic && one.partition === partition)
    if (source === undefined) throw notOurs(item)
    return { ...item, source }
  })
}

function notOurs({ topic, partition }: OffsetToCommit): FencedError {
  return new FencedError(`${topic}-${partition} does not belong to this consumer any more`)
}
