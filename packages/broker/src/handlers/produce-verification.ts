/** T7 at the door of Produce: batches that would begin a transaction in a partition wait until its coordinator has agreed. */
import type { ErrorName } from '@varve/protocol'
import type { Verification } from '../log/verifications.ts'
import type { Partition } from '../replication/partition.ts'
import type { RequestContext } from './handler.ts'

/** Versions from here on make partitions part of the transaction themselves (KIP-890 part 2). */
const ADDS_SINCE = 12
/** Versions from here on know TRANSACTION_ABORTABLE (KIP-890). */
const ABORTABLE_SINCE = 11

/** A batch that waits for the coordinator. */
export interface Unverified {
  readonly partition: Partition
  readonly verification: Verification
  /** `NONE`: the batch may be appended, with its verification. */
  readonly verified: (error: ErrorName) => void
}

/** What the partition needs before the batch is appended: a verification, nothing, or leave to go without one. */
export function verificationFor(
  partition: Partition,
  records: Uint8Array,
  context: RequestContext,
): Verification | 'off' | undefined {
  const adds = context.apiVersion >= ADDS_SINCE
  const { settings } = context.broker
  if (!adds && !settings.boolean('transaction.partition.verification.enable')) return 'off'
  return partition.beginVerification(records, adds ? 'add' : 'verify')
}

/** Asks once for all partitions of the same producer, which are all of them unless somebody plays tricks. */
export function verifyAll(
  unverified: readonly Unverified[],
  transactionalId: string,
  context: RequestContext,
): void {
  const byProducer = new Map<string, Waiting[]>()
  for (const { partition, verification, verified } of unverified) {
    const { producerId, producerEpoch, mode } = verification
    const waiting = { partition, verification, verified, admitted: () => verified('NONE') }
    partition.verifications?.wait(verification, waiting.admitted)
    const key = `${producerId}/${producerEpoch}/${mode}`
    const others = byProducer.get(key)
    if (others === undefined) byProducer.set(key, [waiting])
    else others.push(waiting)
  }
  for (const group of byProducer.values()) {
    ask(group, transactionalId, context).catch(error => context.fail(error))
  }
}

interface Waiting extends Unverified {
  readonly admitted: () => void
}

async function ask(
  group: readonly Waiting[],
  transactionalId: string,
  context: RequestContext,
): Promise<void> {
  const { producerId, producerEpoch, mode } = (group[0] as Waiting).verification
  const errors = await context.broker.verifier.verify({
    ...{ transactionalId, producerId, producerEpoch, mode },
    partitions: group.map(({ partition: { topic, partition } }) => ({ topic, partition })),
  })
  group.forEach(({ partition, verification, verified, admitted }, index) => {
    const error = errors[index] ?? 'UNKNOWN_SERVER_ERROR'
    if (error === 'NONE') {
      partition.verifications?.admit(verification)
      return
    }
    if (partition.verifications?.giveUp(verification, admitted) !== true) return
    if (isFinal(error)) partition.endVerification(verification)
    verified(produceError(error, context.apiVersion))
  })
}

/** Whether asking again would be of no use, so that nobody has to remember who asked. */
function isFinal(error: ErrorName): boolean {
  return (
    error === 'INVALID_PRODUCER_ID_MAPPING' ||
    error === 'PRODUCER_FENCED' ||
    error === 'INVALID_PRODUCER_EPOCH' ||
    error === 'TRANSACTION_ABORTABLE' ||
    error === 'INVALID_TXN_STATE'
  )
}

/** The coordinator cannot be asked just now. */
const coordinatorErrors: ReadonlySet<ErrorName> = new Set<ErrorName>([
  'NOT_COORDINATOR',
  'COORDINATOR_NOT_AVAILABLE',
  'COORDINATOR_LOAD_IN_PROGRESS',
])

/** The coordinator's answer in words that producers of the version understand: what passes makes them try again. */
function produceError(error: ErrorName, apiVersion: number): ErrorName {
  if (error === 'PRODUCER_FENCED') return 'INVALID_PRODUCER_EPOCH'
  if (error === 'TRANSACTION_ABORTABLE' && apiVersion < ABORTABLE_SINCE) return 'INVALID_TXN_STATE'
  if (error === 'CONCURRENT_TRANSACTIONS' && apiVersion < ADDS_SINCE) return 'NOT_ENOUGH_REPLICAS'
  return coordinatorErrors.has(error) ? 'NOT_ENOUGH_REPLICAS' : error
}
