import { ProtocolError } from '../errors.ts'
import type { PartitionAnswer } from './fetch-request.ts'
import type { ConsumerSettings } from './options.ts'
import type { ReadPartition } from './read-partition.ts'

/** Whether nothing came although the broker says that there is something. */
export function isStuck(
  partition: ReadPartition,
  answer: PartitionAnswer,
  { isolationLevel }: Pick<ConsumerSettings, 'isolationLevel'>,
): boolean {
  const end = isolationLevel === 'read_committed' ? answer.lastStableOffset : answer.highWatermark
  return answer.errorCode === 0 && answer.preferredReadReplica < 0 && end > partition.fetchOffset
}

/** The broker sends nothing of a partition, yet says that there is something. */
export function stuckError(partition: ReadPartition, answer: PartitionAnswer): ProtocolError {
  const about = `reading ${partition.name} at ${partition.fetchOffset}`
  const detail = `the broker sends nothing, yet says that there are records up to ${answer.highWatermark}`
  return new ProtocolError('OFFSET_NOT_AVAILABLE', about, detail)
}

/** What the broker sent begins with a batch that is cut off, so that reading would stand still. */
export function noWholeBatch(partition: ReadPartition, bytes: Uint8Array): ProtocolError {
  const about = `reading ${partition.name} at ${partition.fetchOffset}`
  return new ProtocolError(
    'CORRUPT_MESSAGE',
    about,
    `the answer's ${bytes.length} bytes hold no whole batch from there on`,
  )
}
