import { InitProducerId } from '@varve/protocol'
import type { Cluster } from '../cluster/cluster.ts'
import { protocolError } from '../errors.ts'
import { retrying } from '../retry.ts'
import type { ProducerIdentity } from './partition-queue.ts'

/** Without a transactional id the timeout means nothing; the Java client sends the largest one. */
const NO_TRANSACTION_TIMEOUT_MS = 0x7fff_ffff

/**
 * Asks the cluster for a producer id that nobody used before. A producer without transactions could raise its epoch by itself
 * (KIP-360); a fresh id works with every broker and can never meet what an old one left in a log.
 */
export function requestIdentity(cluster: Cluster, timeoutMs: number): Promise<ProducerIdentity> {
  const about = 'getting a producer id'
  return retrying(cluster.settings, { about, timeoutMs }, async remainingMs => {
    const response = await cluster.requestAny(
      InitProducerId,
      { transactionalId: null, transactionTimeoutMs: NO_TRANSACTION_TIMEOUT_MS },
      { about, timeoutMs: remainingMs },
    )
    const error = protocolError(response.errorCode, { about })
    if (error !== undefined) throw error
    return { producerId: response.producerId, producerEpoch: response.producerEpoch }
  })
}
