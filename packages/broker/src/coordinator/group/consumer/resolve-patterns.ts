/** Regular expressions of members become topics: in slices, at most so often, and only topics that the caller may see. */
import type { MetadataImage } from '../../../metadata/image.ts'
import { InvalidPattern } from '../../regex/invalid-pattern.ts'
import { type Sliced, SliceSteps } from '../../slices.ts'
import type { GroupEvent } from '../event.ts'
import type { GroupDecision, GroupMoment } from '../group-logic.ts'
import type { GroupShardState } from '../state.ts'
import type { ConsumerEvent } from './consumer-event.ts'
import type { ConsumerGroup, ResolvedPattern } from './consumer-group.ts'
import { type ConsumerMember, expressionOf } from './consumer-member.ts'
import { patternRecord, patternTombstone } from './consumer-records.ts'
import { type Draft, newDraft } from './draft.ts'
import type { Seat } from './find-member.ts'
import type { AskedHeartbeat } from './heartbeat-request.ts'
import { readPattern } from './read-pattern.ts'
import { refuseWaiting } from './remove-members.ts'
import { metadataHashAfter } from './subscribed-topics.ts'
import { settling, startAssignment } from './target-assignment.ts'
import { bumpGroupEpoch } from './update-member.ts'

/** Expressions of one group are not resolved more often because topics came and went. */
const REFRESH_INTERVAL_MS_MIN = 10_000
/** A new expression need not wait as long, but members that think of a new one at each heartbeat do. */
const FIRST_INTERVAL_MS_MIN = 1_000

/**
 * Begins to resolve the group's expressions: all of them if topics came since, or if it was long ago; or else those that are new.
 * It happens on a heartbeat, because what an expression matches depends on what its caller may describe.
 */
export function resolvePatterns(
  draft: Draft,
  { group, seat }: { readonly group: ConsumerGroup; readonly seat: Seat },
  {
    updated,
    asked,
    moment,
  }: {
    readonly updated: ConsumerMember
    readonly asked: AskedHeartbeat
    readonly moment: GroupMoment
  },
): void {
  const own = expressionOf(updated)
  if (own === undefined && group.patternSubscribers.size === 0) return
  const { soft, groupId } = group
  if (soft.isResolving) return
  const { patientMs, image, rules } = moment
  if (patientMs - (soft.resolvedAtMs ?? Number.NEGATIVE_INFINITY) < FIRST_INTERVAL_MS_MIN) return
  const allAgeMs = patientMs - (soft.allResolvedAtMs ?? Number.NEGATIVE_INFINITY)
  const areAllDue =
    allAgeMs > rules.consumer.regexRefreshIntervalMs ||
    (soft.hasNewTopics && allAgeMs >= REFRESH_INTERVAL_MS_MIN)
  const all = [...expressionsAfter(group, seat, updated)]
  const expressions = areAllDue ? all : all.filter(expression => !group.patterns.has(expression))
  if (expressions.length === 0) return
  const what = areAllDue ? 'all' : 'new'
  draft.changes.push({ type: 'consumer-resolving', groupId, what })
  const { mayDescribe } = asked
  const steps = matchTopics({ groupId, what }, expressions, { image, mayDescribe })
  draft.work.push({ key: `${groupId}/consumer-patterns`, steps })
}

function expressionsAfter(
  group: ConsumerGroup,
  { member, replaces }: Seat,
  updated: ConsumerMember,
): ReadonlySet<string> {
  const expressions = new Set(group.patternSubscribers.keys())
  const former = expressionOf(replaces ?? member)
  const own = expressionOf(updated)
  if (former !== undefined && former !== own && group.patternSubscribers.get(former) === 1) {
    expressions.delete(former)
  }
  if (own !== undefined) expressions.add(own)
  return expressions
}

function* matchTopics(
  about: { readonly groupId: string; readonly what: 'all' | 'new' },
  expressions: readonly string[],
  {
    image,
    mayDescribe,
  }: { readonly image: MetadataImage; readonly mayDescribe: (topicName: string) => boolean },
): Sliced<ConsumerEvent & GroupEvent> {
  const resolved = new Map<string, readonly string[]>()
  const names = [...image.topics.byName.keys()]
  const allowed = new Map<string, boolean>()
  const steps = new SliceSteps()
  for (const expression of expressions) {
    const pattern = readPattern(expression)
    // Another broker, with other limits, may have taken it and left it in the log: here it matches nothing.
    const matching = pattern instanceof InvalidPattern ? [] : yield* pattern.matching(names)
    const visible: string[] = []
    for (const name of matching) {
      const isAllowed = allowed.get(name) ?? mayDescribe(name)
      allowed.set(name, isAllowed)
      if (isAllowed) visible.push(name)
      if (steps.spend(1)) yield
    }
    resolved.set(expression, visible)
  }
  return { type: 'consumer-patterns-resolved', ...about, resolved, revision: image.revision }
}

/** Records what the expressions matched; where that is new, a new epoch begins. */
export function patternsResolved(
  state: GroupShardState,
  event: Extract<ConsumerEvent, { type: 'consumer-patterns-resolved' }>,
  moment: GroupMoment,
): GroupDecision {
  const { groupId, what, revision } = event
  const group = state.groups.get(groupId)
  if (group?.kind !== 'consumer' || !group.soft.isResolving) return {}
  const draft = newDraft()
  const fresh = new Map<string, ResolvedPattern>()
  let isNews = false
  const tooLarge = new Set<string>()
  for (const [expression, matched] of event.resolved) {
    if (!group.patternSubscribers.has(expression)) continue
    const known = group.patterns.get(expression)
    const fits = recordBytesOf(expression, matched) <= moment.rules.maxRecordBytes
    if (!fits) tooLarge.add(expression)
    // What was matched before stays, rather than that its members lose everything.
    const topics = fits ? matched : [...(known?.topics ?? [])]
    if (known !== undefined && isSameSet(known.topics, topics)) continue
    const resolved = { topics: new Set(topics), version: revision, timestampMs: moment.nowMs }
    fresh.set(expression, resolved)
    isNews = true
    draft.changes.push(patternRecord(groupId, expression, resolved))
  }
  for (const expression of group.patterns.keys()) {
    if (!group.patternSubscribers.has(expression)) {
      draft.changes.push(patternTombstone(groupId, expression))
    }
  }
  let epoch = group.groupEpoch
  if (isNews) {
    const hash = metadataHashAfter(group, { gone: [], come: [], patterns: fresh }, moment.image)
    epoch = bumpGroupEpoch(draft, group, hash)
    startAssignment(draft, { state, group }, { epoch, moment })
  }
  draft.changes.push({ type: 'consumer-resolved', groupId, what, atMs: moment.patientMs })
  for (const waiting of group.soft.waiting.values()) {
    if (!waiting.awaitsPatterns) continue
    const member = group.members.get(waiting.memberId)
    if (member !== undefined && tooLarge.has(expressionOf(member) ?? '')) {
      const message = 'The expression matches more topics than a group can keep.'
      refuseWaiting(draft, group, { waiting, error: 'INVALID_REGULAR_EXPRESSION', message })
      continue
    }
    const caught = { ...waiting, awaitsPatterns: false, groupEpoch: epoch }
    draft.changes.push({ type: 'consumer-waits', groupId, waiting: caught })
  }
  draft.work.push(settling(groupId, 'at once'))
  return draft
}

/** What the topics of an expression take up at most. */
function recordBytesOf(expression: string, topics: readonly string[]): number {
  return topics.reduce((sum, name) => sum + 3 + name.length, 64 + 3 * expression.length)
}

function isSameSet(set: ReadonlySet<string>, names: readonly string[]): boolean {
  return set.size === names.length && names.every(name => set.has(name))
}
