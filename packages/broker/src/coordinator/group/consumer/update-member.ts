/** A member as a request describes it, and what follows for the group: its epoch, its expressions. */
import { Buffer } from 'node:buffer'
import type { MetadataImage } from '../../../metadata/image.ts'
import { InvalidPattern } from '../../regex/invalid-pattern.ts'
import type { ConsumerGroup } from './consumer-group.ts'
import { type ClassicMetadata, type ConsumerMember, expressionOf } from './consumer-member.ts'
import {
  currentAssignmentRecord,
  groupEpochRecord,
  memberRecord,
  memberTombstones,
  partitionMetadataTombstone,
  patternTombstone,
  targetRecord,
} from './consumer-records.ts'
import type { Draft } from './draft.ts'
import type { Seat } from './find-member.ts'
import type { Refusal } from './heartbeat-answer.ts'
import { cancelAllTimers } from './member-timers.ts'
import { readPattern } from './read-pattern.ts'
import { metadataHashAfter } from './subscribed-topics.ts'
import { NO_PARTITIONS } from './topic-partitions.ts'

/** Writes what changed of the member, and returns the group epoch that follows. */
export function updateMember(
  draft: Draft,
  group: ConsumerGroup,
  {
    seat,
    updated,
    image,
  }: { readonly seat: Seat; readonly updated: ConsumerMember; readonly image: MetadataImage },
): number | Refusal {
  const { member, replaces } = seat
  const isUnchanged = replaces === undefined && isSaidAlike(member, updated)
  if (isUnchanged && group.groupEpoch > 0) return group.groupEpoch
  const expressionProblem = newExpressionProblem(group, member, updated)
  if (expressionProblem !== undefined) return expressionProblem
  if (replaces !== undefined) replaceMember(draft, group, { replaces, member: updated })
  else draft.changes.push(memberRecord(group.groupId, updated))
  const former = replaces ?? group.members.get(member.memberId)
  const gone = former === undefined ? [] : [former]
  for (const expression of unusedExpressions(group, gone, [updated])) {
    draft.changes.push(patternTombstone(group.groupId, expression))
  }
  const come = [asFarAsResolved(group, former, updated)]
  const metadataHash = metadataHashAfter(group, { gone, come }, image)
  const bumps =
    group.groupEpoch === 0 ||
    !isSameList(member.subscribedTopicNames, updated.subscribedTopicNames) ||
    isNewForResolved(group, member, updated) ||
    metadataHash !== group.metadataHash
  return bumps ? bumpGroupEpoch(draft, group, metadataHash) : group.groupEpoch
}

/** Begins a new epoch of the group. */
export function bumpGroupEpoch(draft: Draft, group: ConsumerGroup, metadataHash: string): number {
  const epoch = group.groupEpoch + 1
  draft.changes.push(groupEpochRecord(group.groupId, epoch, metadataHash))
  if (group.hasPartitionMetadata) draft.changes.push(partitionMetadataTombstone(group.groupId))
  return epoch
}

/** The expressions with topics on record that nobody will subscribe with. */
export function unusedExpressions(
  group: ConsumerGroup,
  gone: readonly ConsumerMember[],
  come: readonly ConsumerMember[],
): readonly string[] {
  const counts = new Map<string, number>()
  const count = (members: readonly ConsumerMember[], by: number): void => {
    for (const member of members) {
      const expression = expressionOf(member)
      if (expression !== undefined) counts.set(expression, (counts.get(expression) ?? 0) + by)
    }
  }
  count(gone, -1)
  count(come, 1)
  return [...counts]
    .filter(([expression, by]) => (group.patternSubscribers.get(expression) ?? 0) + by <= 0)
    .map(([expression]) => expression)
    .filter(expression => group.patterns.has(expression))
}

/** The new member takes over what the one before it had, under its own id. */
function replaceMember(
  draft: Draft,
  group: ConsumerGroup,
  { replaces, member }: { readonly replaces: ConsumerMember; readonly member: ConsumerMember },
): void {
  const { groupId } = group
  const target = group.targets.get(replaces.memberId) ?? NO_PARTITIONS
  draft.timers.push(...cancelAllTimers(groupId, replaces.memberId))
  draft.changes.push(
    ...memberTombstones(groupId, replaces.memberId),
    memberRecord(groupId, member),
    targetRecord(groupId, member.memberId, target),
    currentAssignmentRecord(groupId, member),
  )
}

/** Each has a record and is matched with every topic. Kafka has no limit but that of the members. */
const EXPRESSIONS_MAX = 1_000

function newExpressionProblem(
  group: ConsumerGroup,
  member: ConsumerMember,
  updated: ConsumerMember,
): Refusal | undefined {
  const expression = expressionOf(updated)
  if (expression === undefined || expression === expressionOf(member)) return undefined
  if (group.patternSubscribers.has(expression)) return undefined
  if (group.patternSubscribers.size >= EXPRESSIONS_MAX) {
    const message = `The group has ${String(EXPRESSIONS_MAX)} regular expressions, which is as many as it may have; use one of them.`
    return { error: 'INVALID_REGULAR_EXPRESSION', message }
  }
  const pattern = readPattern(expression)
  return pattern instanceof InvalidPattern
    ? { error: 'INVALID_REGULAR_EXPRESSION', message: pattern.message }
    : undefined
}

/** Whether the member comes to an expression whose topics are known: those of a new one bump the epoch once they are. */
function isNewForResolved(
  group: ConsumerGroup,
  member: ConsumerMember,
  updated: ConsumerMember,
): boolean {
  const expression = expressionOf(updated)
  return (
    expression !== undefined &&
    expression !== expressionOf(member) &&
    group.patterns.has(expression)
  )
}

/** Until its new expression is resolved, a member counts as one that still wants what the former one matched. */
function asFarAsResolved(
  group: ConsumerGroup,
  former: ConsumerMember | undefined,
  updated: ConsumerMember,
): ConsumerMember {
  const expression = expressionOf(updated)
  const isResolved = expression === undefined || group.patterns.has(expression)
  return isResolved || former === undefined
    ? updated
    : { ...updated, subscribedTopicRegex: former.subscribedTopicRegex }
}

/** Whether the two say the same of themselves. */
function isSaidAlike(one: ConsumerMember, other: ConsumerMember): boolean {
  return (
    one.instanceId === other.instanceId &&
    one.rackId === other.rackId &&
    one.clientId === other.clientId &&
    one.clientHost === other.clientHost &&
    one.rebalanceTimeoutMs === other.rebalanceTimeoutMs &&
    one.serverAssignor === other.serverAssignor &&
    one.subscribedTopicRegex === other.subscribedTopicRegex &&
    isSameClassic(one.classic, other.classic) &&
    isSameList(one.subscribedTopicNames, other.subscribedTopicNames)
  )
}

function isSameClassic(one: ClassicMetadata | null, other: ClassicMetadata | null): boolean {
  if (one === null || other === null) return one === other
  return (
    one.sessionTimeoutMs === other.sessionTimeoutMs &&
    one.protocols.length === other.protocols.length &&
    one.protocols.every(({ name, metadata }, place) => {
      const second = other.protocols[place]
      return second?.name === name && Buffer.compare(second.metadata, metadata) === 0
    })
  )
}

function isSameList(one: readonly string[], other: readonly string[]): boolean {
  return (
    one === other ||
    (one.length === other.length && one.every((name, place) => name === other[place]))
  )
}
