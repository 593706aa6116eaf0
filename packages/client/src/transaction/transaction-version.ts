import { EndTxn, Produce, TxnOffsetCommit } from '@varve/protocol'
import { ProtocolError } from '../errors.ts'
import type { Connection } from '../network/connection.ts'

/**
 * How a transaction is carried out. 1: partitions are added by requests of their own, and the epoch lasts (KIP-98). 2: partitions
 * join with their first records, and each transaction has an epoch of its own (KIP-890).
 */
export type TransactionVersion = 1 | 2

/** The versions of requests with which transactions v2 begin. */
const FIRST_VERSIONS_OF_V2 = [
  [Produce, 12],
  [TxnOffsetCommit, 5],
  [EndTxn, 5],
] as const

/** The newest version of Produce that leaves the adding of partitions to the client. */
export const NEWEST_PRODUCE_OF_V1 = 11

/** How the cluster wants transactions carried out: v2 when it has finalised `transaction.version` 2. */
export function transactionVersionOf(coordinator: Connection): TransactionVersion {
  if (coordinator.featureLevel('transaction.version') < 2) return 1
  return FIRST_VERSIONS_OF_V2.every(([api, first]) => speaks(coordinator, api, first)) ? 2 : 1
}

function speaks(
  connection: Connection,
  api: Parameters<Connection['versionOf']>[0],
  first: number,
): boolean {
  try {
    return connection.versionOf(api) >= first
  } catch (error) {
    if (error instanceof ProtocolError) return false
    throw error
  }
}
