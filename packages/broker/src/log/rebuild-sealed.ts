import type { LogIdentity } from './log-state.ts'
import type { LoadTools } from './log-tools.ts'
import { loadProducersBefore } from './producer-replay.ts'
import { abortedBy } from './producer-state.ts'
import type { RecoverySource } from './recovery.ts'
import { scanSegment } from './scan-segment.ts'
import type { Segment } from './segment.ts'
import { entryOf } from './segment-entry.ts'
import { trustedBatch } from './trusted-batch.ts'

const INDEX_INTERVAL_BYTES = 4096

/**
 * The segment that ends right at the recovery point holds nothing to recover, but the checkpoint may be older than the roll that sealed it: then
 * nobody has written its indexes since. A missing index of aborted transactions says that there are none, and a short time index that its
 * records are older than they are; so they are built again.
 */
export async function rebuildSealed(
  identity: LogIdentity,
  source: RecoverySource,
  tools: LoadTools,
): Promise<void> {
  const { segments, options, folder } = source
  const { recoveryPoint } = options
  const sealed = segments.from(recoveryPoint - 1)[0] as Segment
  if (recoveryPoint === 0 || sealed === segments.from(recoveryPoint)[0]) return
  const { sizeBytes, baseOffset } = sealed
  const producers = await loadProducersBefore(baseOffset, { identity, segments, folder }, tools)
  sealed.resetIndexes()
  sealed.markUnsynced(0)
  try {
    await scanSegment(await sealed.open(), {
      from: 0,
      to: sizeBytes,
      visit: batch => {
        const previous = batch.hasProducer
          ? producers.apply(trustedBatch(batch, identity, tools))
          : undefined
        const aborted = abortedBy(batch, previous, producers)
        sealed.enter({ ...entryOf(batch), aborted }, INDEX_INTERVAL_BYTES)
        producers.committedUpTo(batch.lastOffset + 1)
        return 'valid'
      },
    })
  } finally {
    producers.clear()
    sealed.markUnsynced(sizeBytes)
  }
  sealed.seal()
  // One that counts as not synced is kept open for ever.
  await sealed.sync()
  await sealed.writeIndexes()
}
