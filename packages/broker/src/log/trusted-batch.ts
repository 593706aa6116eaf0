import type { RecordBatch } from '@varve/protocol'
import { damagedLog } from './load-options.ts'
import type { LogIdentity } from './log-state.ts'
import type { LoadTools } from './log-tools.ts'

/**
 * A batch below the recovery point, which nobody has looked at since it was synced. Of most of them only the header is used; a marker's content decides which
 * records readers of committed ones see, so its checksum has to be right. Throws the `DiskError` of a damaged log (`EBADMSG`, L5) otherwise.
 */
export function trustedBatch(
  batch: RecordBatch,
  { directory }: LogIdentity,
  { world, crc32c }: Pick<LoadTools, 'world' | 'crc32c'>,
): RecordBatch {
  if (!batch.isControl || batch.crcIsValid(crc32c)) return batch
  world.log.error('A control batch is damaged: what it says of its transaction is lost.', {
    directory,
    offset: batch.baseOffset,
  })
  throw damagedLog(directory)
}
