import { type ErrorName, errorCode, FindCoordinator, type ResponseInput } from '@varve/protocol'
import { CLUSTER_RESOURCE, handler, type RequestContext } from './handler.ts'

const KEY_TYPE = { GROUP: 0, TRANSACTION: 1, SHARE: 2 } as const
/** Versions from here on ask for many keys at once (KIP-699). */
const BATCHED_SINCE = 4
const SHARE_SINCE = 6

interface Found {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly errorCode: number
  readonly errorMessage: string | null
}

/**
 * Which broker coordinates a group or a transactional id. The first one who asks makes the topic that they are kept in, and has the answer within
 * the call. An id may be empty here, as with Kafka: the requests that follow refuse it.
 */
export const findCoordinator = handler(
  FindCoordinator,
  ['Describe Group', 'Describe TransactionalId', 'ClusterAction Cluster'],
  async (request, context): Promise<ResponseInput<typeof FindCoordinator>> => {
    const { keyType, key, coordinatorKeys } = request
    const isBatched = context.apiVersion >= BATCHED_SINCE
    const keys = isBatched ? coordinatorKeys : [key]
    const found = await findAll(keyType, keys, context)
    if (!isBatched) return found[0] as Found
    return { coordinators: keys.map((one, place) => ({ key: one, ...(found[place] as Found) })) }
  },
)

function findAll(
  keyType: number,
  keys: readonly string[],
  context: RequestContext,
): Promise<readonly Found[]> | readonly Found[] {
  const { groups, transactions } = context.broker
  switch (keyType) {
    case KEY_TYPE.GROUP:
      return findLeaders(groups, keys, {
        context,
        refusal: 'GROUP_AUTHORIZATION_FAILED',
        isAllowed: groupId => context.authorize('Describe', 'Group', groupId),
      })
    case KEY_TYPE.TRANSACTION:
      return findLeaders(transactions, keys, {
        context,
        refusal: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
        isAllowed: id => context.authorize('Describe', 'TransactionalId', id),
      })
    case KEY_TYPE.SHARE:
      return keys.map(() => findShare(context))
    default:
      return keys.map(() =>
        refused('INVALID_REQUEST', `There is no coordinator of type ${keyType}.`),
      )
  }
}

function findShare(context: RequestContext): Found {
  if (!context.authorize('ClusterAction', 'Cluster', CLUSTER_RESOURCE))
    return refused('CLUSTER_AUTHORIZATION_FAILED', null)
  // There are no share groups yet; only brokers ask for this one.
  return context.apiVersion < SHARE_SINCE
    ? refused('INVALID_REQUEST', null)
    : refused('COORDINATOR_NOT_AVAILABLE', 'This broker has no share groups yet.')
}

interface Asking {
  readonly context: RequestContext
  readonly isAllowed: (key: string) => boolean
  readonly refusal: ErrorName
}

/** A request of a megabyte can ask for a million keys: nothing is done for each that takes long. */
async function findLeaders(
  coordinator: { leadersOf(keys: readonly string[]): Promise<readonly (number | ErrorName)[]> },
  keys: readonly string[],
  { context, isAllowed, refusal }: Asking,
): Promise<readonly Found[]> {
  const areAllowed = keys.map(isAllowed)
  const allowed = keys.filter((_, place) => areAllowed[place])
  const leaders = (await coordinator.leadersOf(allowed)).values()
  const found = new Map<number | ErrorName, Found>()
  return areAllowed.map(isAllowedHere => {
    if (!isAllowedHere) return refused(refusal, null)
    const leader = leaders.next().value ?? 'COORDINATOR_NOT_AVAILABLE'
    const known = found.get(leader) ?? foundAt(leader, context)
    found.set(leader, known)
    return known
  })
}

function foundAt(leader: number | ErrorName, context: RequestContext): Found {
  if (typeof leader === 'string') return refused(leader, null)
  const endpoint = context.broker.endpoints.of(leader, context.connection)
  if (endpoint === undefined) return refused('COORDINATOR_NOT_AVAILABLE', null)
  const { brokerId: nodeId, host, port } = endpoint
  return { nodeId, host, port, errorCode: 0, errorMessage: null }
}

function refused(error: ErrorName, errorMessage: string | null): Found {
  return { nodeId: -1, host: '', port: -1, errorCode: errorCode(error), errorMessage }
}
