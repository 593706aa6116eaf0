import {
  AddOffsetsToTxn,
  type AddOffsetsToTxnResponse,
  type ErrorName,
  errorCode,
} from '@varve/protocol'
import { OFFSETS_TOPIC } from '../coordinator/group/offsets-topic.ts'
import { shardOf } from '../coordinator/runtime/shard-of.ts'
import { addPartitions } from '../coordinator/transaction/add-partitions.ts'
import { handler } from './handler.ts'
import { unfenced } from './unfenced.ts'

/** KIP-588: clients of versions from here on know PRODUCER_FENCED. */
const FENCED_SINCE = 2

/** Adds the partition that keeps a group's offsets to a transaction. */
export const addOffsetsToTxn = handler(
  AddOffsetsToTxn,
  ['Write TransactionalId', 'Read Group'],
  async (request, context): Promise<AddOffsetsToTxnResponse> => {
    const { transactionalId, producerId, producerEpoch, groupId } = request
    const { broker } = context
    if (!context.authorize('Write', 'TransactionalId', transactionalId))
      return answered('TRANSACTIONAL_ID_AUTHORIZATION_FAILED')
    if (!context.authorize('Read', 'Group', groupId)) return answered('GROUP_AUTHORIZATION_FAILED')
    if (transactionalId === '') return answered('INVALID_REQUEST')
    // Makes the topic of the offsets if it is not there.
    const [leader = 'COORDINATOR_NOT_AVAILABLE'] = await broker.groups.leadersOf([groupId])
    const topic = broker.metadata.image.topics.byName.get(OFFSETS_TOPIC)
    if (typeof leader === 'string' || topic === undefined)
      return answered('COORDINATOR_NOT_AVAILABLE')
    const partitions = new Map([[OFFSETS_TOPIC, [shardOf(groupId, topic.partitions.length)]]])
    const asked = { transactionalId, producerId, producerEpoch, partitions }
    const error = await broker.transactions.ask<ErrorName>(transactionalId, {
      decide: (state, ticket, moment) => addPartitions(state, { ...asked, ticket }, moment),
      refuse: refusal => refusal,
    })
    return answered(context.apiVersion < FENCED_SINCE ? unfenced(error) : error)
  },
)

function answered(error: ErrorName): AddOffsetsToTxnResponse {
  return { throttleTimeMs: 0, errorCode: errorCode(error) }
}
