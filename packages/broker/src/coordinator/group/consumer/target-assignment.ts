/** The target assignment of a group: computed in slices beside the decisions, written in bounded batches. */
import type { MetadataImage } from '../../../metadata/image.ts'
import { assignors } from '../../assignors/assignor.ts'
import type { GroupAssignment, GroupSpec, MemberSpec } from '../../assignors/group-spec.ts'
import type { Work } from '../../runtime/decision.ts'
import { type Sliced, SliceSteps } from '../../slices.ts'
import type { GroupEvent } from '../event.ts'
import type { GroupDecision, GroupMoment } from '../group-logic.ts'
import type { ConsumerGroupRules } from '../group-rules.ts'
import type { GroupShardState } from '../state.ts'
import type { ComputedTarget, TargetsComputed } from './consumer-event.ts'
import type { ConsumerGroup, ResolvedPattern } from './consumer-group.ts'
import { type ConsumerMember, expressionOf } from './consumer-member.ts'
import { assignmentEpochRecord, targetRecord } from './consumer-records.ts'
import { type Draft, newDraft } from './draft.ts'
import { NO_PARTITIONS, samePartitions, type TopicPartitions } from './topic-partitions.ts'

/** Targets that are written in one decision, so that it holds nobody up. */
const TARGETS_AT_ONCE_MAX = 256
/** A batch of targets stays below this, well below what the internal topic takes. */
const BATCH_BYTES_MAX = 512 * 1024

/**
 * Begins to compute targets for the group epoch that the draft leads to, unless that goes on already: then it is done
 * again afterwards, so that a stream of changes does not keep those waiting who came first.
 */
export function startAssignment(
  draft: Draft,
  group: { readonly state: GroupShardState; readonly group: ConsumerGroup },
  { begins = 'at once', ...aim }: Aim & { readonly begins?: 'at once' | 'later' },
): void {
  if (group.group.soft.assigning !== undefined) return
  const { groupId } = group.group
  draft.changes.push({ type: 'consumer-assigning', groupId, epoch: aim.epoch })
  draft.work.push({ ...assignmentWork(group.state, groupId, aim), begins })
}

interface Aim {
  readonly epoch: number
  readonly moment: GroupMoment
}

function assignmentWork(
  state: GroupShardState,
  groupId: string,
  { epoch, moment }: Aim,
): Work<GroupEvent> {
  return {
    key: `${groupId}/consumer-assignment`,
    steps: computeTargets(state, groupId, epoch, moment),
  }
}

/** Runs after the changes were applied: its first step copies what it needs, so that nothing moves under it. */
function* computeTargets(
  state: GroupShardState,
  groupId: string,
  epoch: number,
  { image, rules }: GroupMoment,
): Sliced<TargetsComputed> {
  const group = state.groups.get(groupId)
  if (group?.kind !== 'consumer')
    return { type: 'consumer-targets-computed', groupId, epoch, targets: [] }
  const members = new Map(group.members)
  const former = new Map(group.targets)
  const patterns = new Map(group.patterns)
  const assign =
    assignors.get(chosenAssignor(group, rules.consumer)) ?? assignors.values().next().value
  const spec = yield* groupSpec({ members, former, patterns, image })
  const assignment: GroupAssignment = assign === undefined ? new Map() : yield* assign(spec)
  const targets: ComputedTarget[] = []
  const steps = new SliceSteps()
  for (const [memberId, { instanceId }] of members) {
    const partitions = assignment.get(memberId) ?? NO_PARTITIONS
    const before = former.get(memberId)
    if (before === undefined || !samePartitions(before, partitions))
      targets.push({ memberId, instanceId, partitions })
    if (steps.spend(1 + partitions.size)) yield
  }
  return { type: 'consumer-targets-computed', groupId, epoch, targets }
}

/** The assignor that most members ask for, or else the first of the broker's. */
export function chosenAssignor(group: ConsumerGroup, rules: ConsumerGroupRules): string {
  const votesFor = (name: string): number => group.assignorVotes.get(name) ?? 0
  return rules.assignors.reduce(
    (best, name) => (votesFor(name) > votesFor(best) ? name : best),
    rules.assignors[0] ?? 'uniform',
  )
}

interface Snapshot {
  readonly members: ReadonlyMap<string, ConsumerMember>
  readonly former: ReadonlyMap<string, TopicPartitions>
  readonly patterns: ReadonlyMap<string, ResolvedPattern>
  readonly image: MetadataImage
}

function* groupSpec({ members, former, patterns, image }: Snapshot): Sliced<GroupSpec> {
  const steps = new SliceSteps()
  const specs = new Map<string, MemberSpec>()
  const topics = new Map<string, { readonly partitions: number }>()
  const sets = new Map<string | undefined, Map<readonly string[], ReadonlySet<string>>>()
  for (const [memberId, member] of members) {
    const { subscribedTopicNames, instanceId, rackId } = member
    const expression = expressionOf(member)
    const ofExpression = sets.get(expression) ?? new Map<readonly string[], ReadonlySet<string>>()
    sets.set(expression, ofExpression)
    let subscribedTopicIds = ofExpression.get(subscribedTopicNames)
    if (subscribedTopicIds === undefined) {
      const matched = expression === undefined ? [] : (patterns.get(expression)?.topics ?? [])
      const names = [...subscribedTopicNames, ...matched]
      const known = names.flatMap(name => image.topics.byName.get(name) ?? [])
      for (const { topicId, partitions } of known)
        topics.set(topicId, { partitions: partitions.length })
      subscribedTopicIds = new Set(known.map(({ topicId }) => topicId))
      ofExpression.set(subscribedTopicNames, subscribedTopicIds)
      if (steps.spend(names.length)) yield
    }
    const currentAssignment = former.get(memberId) ?? NO_PARTITIONS
    specs.set(memberId, { subscribedTopicIds, instanceId, rackId, currentAssignment })
    if (steps.spend(1)) yield
  }
  return { members: specs, topics }
}

/**
 * Records what was computed. It is kept although the group may have moved on meanwhile: targets are where members go
 * one day and never a right to a partition, so those of an earlier epoch are as safe as none, and what was missed
 * is computed next. Members that came after have none in it; a static member that was replaced hands on its own.
 */
export function targetsComputed(
  state: GroupShardState,
  event: TargetsComputed,
  moment: GroupMoment,
): GroupDecision {
  const { groupId, epoch } = event
  const group = state.groups.get(groupId)
  if (group?.kind !== 'consumer' || group.soft.assigning !== epoch) return {}
  const draft = newDraft()
  if (group.members.size === 0 || epoch > group.groupEpoch) {
    draft.changes.push({ type: 'consumer-assigning', groupId, epoch: undefined })
    return draft
  }
  const bytesMax = Math.min(BATCH_BYTES_MAX, moment.rules.maxRecordBytes / 2)
  const rest = writeTargets(draft, group, { targets: event.targets, bytesMax })
  if (rest.length > 0) {
    draft.work.push(
      followUp(`${groupId}/consumer-assignment`, { ...event, targets: rest }, 'later'),
    )
    return draft
  }
  draft.changes.push(assignmentEpochRecord(groupId, epoch))
  draft.changes.push({ type: 'consumer-assigning', groupId, epoch: undefined })
  draft.work.push(settling(groupId, 'at once'))
  if (group.groupEpoch > epoch) {
    const { groupEpoch } = group
    draft.changes.push({ type: 'consumer-assigning', groupId, epoch: groupEpoch })
    draft.work.push(assignmentWork(state, groupId, { epoch: groupEpoch, moment }))
  }
  return draft
}

/** Writes as many as fit into one batch, and returns the others. */
function writeTargets(
  draft: Draft,
  group: ConsumerGroup,
  { targets, bytesMax }: { readonly targets: readonly ComputedTarget[]; readonly bytesMax: number },
): readonly ComputedTarget[] {
  let bytes = 0
  for (const [place, { memberId, instanceId, partitions }] of targets.entries()) {
    if (bytes >= bytesMax || place >= TARGETS_AT_ONCE_MAX) return targets.slice(place)
    const heir = group.members.has(memberId) ? memberId : group.staticMembers.get(instanceId ?? '')
    if (heir === undefined) continue
    draft.changes.push(targetRecord(group.groupId, heir, partitions))
    bytes += 64 + 3 * (group.groupId.length + heir.length)
    for (const numbers of partitions.values()) bytes += 24 + 4 * numbers.length
  }
  return []
}

/** Answers those who wait for the assignment. */
export function settling(groupId: string, begins: 'at once' | 'later'): Work<GroupEvent> {
  return followUp(`${groupId}/consumer-settle`, { type: 'consumer-settle', groupId }, begins)
}

/**
 * Work that is done already: its event is decided once the changes of this decision are applied; `later`, once others have had their turn
 * as well.
 */
export function followUp(
  key: string,
  event: GroupEvent,
  begins: 'at once' | 'later',
): Work<GroupEvent> {
  const steps = function* (): Sliced<GroupEvent> {
    yield
    return event
  }
  return { key, begins, steps: steps() }
}
