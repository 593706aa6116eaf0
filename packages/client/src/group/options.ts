import type { TopicPartition } from '../consumer/topic-partition.ts'
import { ConfigError } from '../errors.ts'
import { badOption, choiceOption, functionOption, integerOption, textOption } from '../options.ts'
import type { Assignor } from './assignors/assignor.ts'
import { type AssignorName, assignorNamed } from './assignors/by-name.ts'

/** When a consumer of a group commits how far it has come. */
export type CommitPolicy = 'after-handling' | 'manual' | { readonly intervalMs: number }

/** Called when partitions come or go. The consumer waits for what it returns before it goes on with the rebalance. */
export type RebalanceHook = (partitions: readonly TopicPartition[]) => void | Promise<void>

/** How a consumer works as a member of a group. All but `groupId` have a default. */
export interface GroupOptions {
  /** The group that shares the partitions and keeps the committed offsets. Without it there is no group. */
  readonly groupId?: string
  /**
   * `classic`: the members divide the partitions among themselves. `consumer` (KIP-848): the broker does, step by step and
   * without stopping everyone; it needs Kafka 4. Default: `classic`, as in Kafka.
   */
  readonly groupProtocol?: 'classic' | 'consumer'
  /** A name that lasts over restarts, so that a short one does not move partitions (KIP-345). Default: none. */
  readonly groupInstanceId?: string
  /** Read all topics whose whole name matches this RE2 expression, later ones included; needs `groupProtocol: 'consumer'`. */
  readonly topicPattern?: string
  /**
   * Classic groups: how to divide the partitions, best first; one that all members know is used. `cooperative-sticky` alone
   * lets members keep reading during a rebalance. `RoundRobinAssigner` is what kafkajs offers. Default: `['range',
   * 'cooperative-sticky', 'RoundRobinAssigner']`: the default of Kafka, and last what a group needs while it moves from kafkajs.
   */
  readonly partitionAssignors?: readonly (AssignorName | Assignor)[]
  /** `consumer` groups: how the broker is to divide the partitions, `uniform` or `range`. Default: the broker's choice. */
  readonly groupRemoteAssignor?: string
  /**
   * After this long without a heartbeat the group gives the partitions to others. In `consumer` groups the broker decides when
   * that is; there it only says when this consumer stops reading on its own, and should not be longer. Default: 45000.
   */
  readonly sessionTimeoutMs?: number
  /** Classic groups: the time between heartbeats; in `consumer` groups the broker decides. Default: 3000. */
  readonly heartbeatIntervalMs?: number
  /** How long a member may take to give up partitions when others join or leave. Default: 60000. */
  readonly rebalanceTimeoutMs?: number
  /**
   * How long the reader may take between two records before the consumer leaves the group, so that others get what it does
   * not read. It joins again when the reader comes back. Default: 300000.
   */
  readonly maxPollIntervalMs?: number
  /**
   * `after-handling`: soon after records were handled. `{ intervalMs }`: at most that often. Both also commit before partitions
   * are given up and at the end, and never go back behind what `commit()` committed. `manual`: only `commit()` does. Default:
   * `after-handling`.
   */
  readonly commit?: CommitPolicy
  /** Partitions were added. `seek` works here, and nothing of them is read before it is done. */
  readonly onAssigned?: RebalanceHook
  /** Partitions are about to be given up; they may still be committed. What was handled of them already is. */
  readonly onRevoked?: RebalanceHook
  /** Partitions belong to others already; nothing of them can be committed. Default: `onRevoked` is called. */
  readonly onLost?: RebalanceHook
  /** How long `close()` waits for handlers, the last commit and the farewell to the group. Default: 10000. */
  readonly stopTimeoutMs?: number
}

/** The checked options of a member. */
export interface GroupSettings {
  readonly groupId: string
  readonly groupProtocol: 'classic' | 'consumer'
  readonly groupInstanceId: string | null
  readonly topicPattern: string | undefined
  readonly assignors: readonly Assignor[]
  readonly groupRemoteAssignor: string | null
  readonly sessionTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly rebalanceTimeoutMs: number
  readonly maxPollIntervalMs: number
  readonly commit: CommitPolicy
  readonly onAssigned: RebalanceHook | undefined
  readonly onRevoked: RebalanceHook | undefined
  readonly onLost: RebalanceHook | undefined
}

const DEFAULT_ASSIGNORS = [
  'range',
  'cooperative-sticky',
  'RoundRobinAssigner',
] as const satisfies readonly AssignorName[]

export const GROUP_OPTIONS = [
  'groupId',
  'groupProtocol',
  'groupInstanceId',
  'topicPattern',
  'partitionAssignors',
  'groupRemoteAssignor',
  'sessionTimeoutMs',
  'heartbeatIntervalMs',
  'rebalanceTimeoutMs',
  'maxPollIntervalMs',
  'commit',
  'onAssigned',
  'onRevoked',
  'onLost',
  'stopTimeoutMs',
] as const satisfies readonly (keyof GroupOptions)[]

/** Checks the options and completes them; undefined without a group. */
export function groupSettings(options: GroupOptions): GroupSettings | undefined {
  const { groupId } = options
  if (groupId === undefined) {
    const stray = GROUP_OPTIONS.find(
      name => name !== 'stopTimeoutMs' && options[name] !== undefined,
    )
    if (stray !== undefined)
      throw new ConfigError(`consumer: ${stray} is without effect without a groupId`)
    return undefined
  }
  checkTypes(options)
  const groupProtocol = choiceOption({
    name: 'groupProtocol',
    value: options.groupProtocol,
    fallback: 'classic',
    choices: ['classic', 'consumer'],
  })
  checkProtocolOptions(options, groupProtocol)
  return {
    groupId,
    groupProtocol,
    groupInstanceId: options.groupInstanceId ?? null,
    topicPattern: options.topicPattern,
    assignors: assignorsOf(options.partitionAssignors ?? DEFAULT_ASSIGNORS),
    groupRemoteAssignor: options.groupRemoteAssignor ?? null,
    ...groupTimes(options),
    commit: commitPolicy(options.commit ?? 'after-handling'),
    onAssigned: options.onAssigned,
    onRevoked: options.onRevoked,
    onLost: options.onLost,
  }
}

function checkTypes(options: GroupOptions): void {
  const texts = {
    groupId: 'the name of a group',
    groupInstanceId: 'a name',
    topicPattern: 'an RE2 expression as a text, such as "orders-.*"',
    groupRemoteAssignor: 'the name of an assignor of the broker, such as "uniform" or "range"',
  } as const
  for (const [name, expected] of Object.entries(texts))
    textOption({ name, value: options[name as keyof typeof texts], expected })
  for (const name of ['onAssigned', 'onRevoked', 'onLost'] as const)
    functionOption({ name, value: options[name] })
}

function checkProtocolOptions(options: GroupOptions, groupProtocol: 'classic' | 'consumer'): void {
  const foreign =
    groupProtocol === 'classic'
      ? (['topicPattern', 'groupRemoteAssignor'] as const)
      : (['partitionAssignors', 'heartbeatIntervalMs'] as const)
  for (const name of foreign) {
    if (options[name] === undefined) continue
    throw new ConfigError(`consumer: ${name} is without effect with groupProtocol ${groupProtocol}`)
  }
}

type Times = 'sessionTimeoutMs' | 'heartbeatIntervalMs' | 'rebalanceTimeoutMs' | 'maxPollIntervalMs'

function groupTimes(options: GroupOptions): Pick<GroupSettings, Times> {
  const time = (name: Times, fallback: number) =>
    integerOption({ name, value: options[name], fallback, min: 1, max: 2 ** 31 - 1 })
  const sessionTimeoutMs = time('sessionTimeoutMs', 45_000)
  const heartbeatIntervalMs = time(
    'heartbeatIntervalMs',
    Math.min(3000, Math.ceil(sessionTimeoutMs / 3)),
  )
  if (heartbeatIntervalMs >= sessionTimeoutMs) {
    const expected = `less than sessionTimeoutMs, which is ${sessionTimeoutMs}`
    throw badOption({ name: 'heartbeatIntervalMs', value: heartbeatIntervalMs, expected })
  }
  return {
    sessionTimeoutMs,
    heartbeatIntervalMs,
    rebalanceTimeoutMs: time('rebalanceTimeoutMs', 60_000),
    maxPollIntervalMs: time('maxPollIntervalMs', 300_000),
  }
}

function commitPolicy(policy: CommitPolicy): CommitPolicy {
  if (policy === 'after-handling' || policy === 'manual') return policy
  const intervalMs = policy?.intervalMs
  if (Number.isSafeInteger(intervalMs) && intervalMs >= 1 && intervalMs < 2 ** 31) return policy
  const expected = "'after-handling', 'manual' or { intervalMs: milliseconds }, less than 2^31"
  throw badOption({ name: 'commit', value: policy, expected })
}

function assignorsOf(wanted: readonly (AssignorName | Assignor)[]): readonly Assignor[] {
  const name = 'partitionAssignors'
  if (!Array.isArray(wanted) || wanted.length === 0)
    throw badOption({ name, value: wanted, expected: 'a list of at least one assignor' })
  const assignors = wanted.map((one: AssignorName | Assignor) =>
    typeof one === 'string' ? assignorNamed(one) : checkedAssignor(one),
  )
  const names = assignors.map(assignor => assignor.name)
  const twice = names.find((one, index) => names.indexOf(one) !== index)
  if (twice !== undefined) throw badOption({ name, value: names, expected: `${twice} only once` })
  return assignors
}

function checkedAssignor(assignor: Assignor): Assignor {
  const given: { readonly [name in keyof Assignor]?: unknown } = assignor ?? {}
  const { name, rebalanceProtocol } = given
  const isNamed = typeof name === 'string' && name !== ''
  const isKnown = rebalanceProtocol === 'eager' || rebalanceProtocol === 'cooperative'
  if (isNamed && isKnown && typeof given.assign === 'function') return assignor
  const expected = 'the names of assignors, or { name, rebalanceProtocol, assign }'
  throw badOption({ name: 'partitionAssignors', value: assignor, expected })
}
