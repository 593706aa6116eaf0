/** The laws of groups, G1 to G4, as a model sees them: from the records, and from the answers that left. */
import {
  decodeAssignment,
  errorName,
  type GroupRecord,
  type OffsetCommitKey,
  type OffsetCommitResponse,
  ZERO_UUID,
} from '@varve/protocol'
import type { MetadataImage } from '../../packages/broker/src/metadata/image.ts'
import type { Cause } from './held-coordinator.ts'
import { holds } from './holds.ts'
import { type LogView, listedPartitions, type SeenGroup } from './log-view.ts'

/** What a commit said. */
export interface SentCommit {
  readonly groupId: string
  readonly memberId: string
  /** Negative for a client that is no member. */
  readonly epoch: number
  /** Who it is, whatever its member id: a static member has a name. */
  readonly owner: string
  /** By `topic-partition`. */
  readonly offsets: ReadonlyMap<string, number>
  /** Where in the log each of them was accepted. */
  readonly at: Map<string, number>
  /** How often the group had ended by then. */
  lives: number
}

interface Acknowledged {
  readonly offset: number
  readonly at: number
}

export class GroupLaws {
  readonly #retentionMs: number
  readonly #image: () => MetadataImage
  /** Accepted commits whose answers left, by group and place. */
  readonly #acknowledged = new Map<string, Acknowledged>()
  /** Who was told to own a partition in a generation, and who committed there. */
  readonly #owners = new Map<string, string>()
  readonly #committers = new Map<string, string>()
  readonly #leaders = new Map<string, string>()
  readonly #names = new Map<string, string>()
  /** When the last member of a group was seen. */
  readonly #membersSeenMs = new Map<string, number>()

  constructor(retentionMs: number, image: () => MetadataImage) {
    this.#retentionMs = retentionMs
    this.#image = image
  }

  /** Looks at the records of one decision. */
  observe(
    records: readonly GroupRecord[],
    {
      cause,
      view,
      nowMs,
    }: { readonly cause: Cause; readonly view: LogView; readonly nowMs: number },
  ): void {
    const groupIds = new Set<string>()
    for (const record of records) {
      const groupId =
        'group' in record.key ? record.key.group : (record.key as { groupId: string }).groupId
      groupIds.add(groupId)
      if (record.type !== 'OffsetCommit' || record.value !== null) continue
      this.#checkRemoval(record.key, view.group(groupId), { cause, nowMs })
    }
    for (const groupId of groupIds) {
      const group = view.group(groupId)
      if (group.hasMembers) this.#membersSeenMs.set(groupId, nowMs)
      checkOwners(groupId, group)
    }
  }

  /** Time passes in a group with members as well. */
  seen(view: LogView, nowMs: number): void {
    for (const [groupId, group] of view.groups)
      if (group.hasMembers) this.#membersSeenMs.set(groupId, nowMs)
  }

  /** G2: what was accepted is from who is a member now, or from nobody in particular while there are no members. */
  commitDecided(commit: SentCommit, response: OffsetCommitResponse, view: LogView): void {
    if (accepted(response, commit).length === 0) return
    const { groupId, memberId, epoch } = commit
    const group = view.group(groupId)
    commit.lives = group.lives
    const said = () => `${memberId || 'nobody'} at ${epoch} in ${groupId}`
    if (epoch < 0) {
      holds(!group.hasMembers, 'G2: who is no member commits to a group without members only', said)
    } else if (group.epoch === undefined) {
      holds(group.classic?.generation === epoch, 'G2: a commit is of the current generation', said)
      const isMember = group.classic?.members.some(one => one.memberId === memberId) === true
      holds(isMember, 'G2: who commits is a member', said)
    } else {
      holds(group.members.has(memberId), 'G2: who commits is a member', said)
      const current = group.current.get(memberId)?.memberEpoch
      holds(current === epoch, 'G2: a commit is of the current member epoch', said)
    }
    for (const [place, offset] of accepted(response, commit)) {
      const inLog = group.offsets.get(place)
      const law = 'G2: the last accepted commit counts'
      holds(inLog?.value?.offset === offset, law, () => `${place}: ${JSON.stringify(inLog)}`)
      commit.at.set(place, inLog?.at ?? -1)
    }
  }

  commitLeft(commit: SentCommit, response: OffsetCommitResponse): void {
    const { groupId, epoch, owner, lives } = commit
    for (const [place, offset] of accepted(response, commit)) {
      const key = `${groupId}/${place}`
      const at = commit.at.get(place) ?? -1
      if ((this.#acknowledged.get(key)?.at ?? -1) < at) this.#acknowledged.set(key, { offset, at })
      if (epoch < 0) continue
      this.#agree(this.#committers, `${groupId} ${lives}/${epoch}/${place}`, {
        value: owner,
        law: 'G1, G2: one member commits for a partition in one generation or epoch',
      })
    }
  }

  /** G1: an assignment of a generation left. */
  assignmentLeft(
    {
      groupId,
      owner,
      epoch,
    }: { readonly groupId: string; readonly owner: string; readonly epoch: number },
    partitions: readonly string[],
    lives: number,
  ): void {
    for (const partition of partitions) {
      this.#agree(this.#owners, `${groupId} ${lives}/${epoch}/${partition}`, {
        value: owner,
        law: 'G1: a partition has one owner in one generation',
      })
    }
  }

  /** A static member that comes back keeps its place, and leads on, under another id (KIP-345): it counts under its name. */
  namesLeft(names: readonly (readonly [memberId: string, instanceId: string | null])[]): void {
    for (const [memberId, name] of names) if (name !== null) this.#names.set(memberId, name)
  }

  /** A generation of a group that the log knows has one leader, who is told of its members once. */
  joinLeft(
    generation: string,
    { leader, members }: { readonly leader: string; readonly members: readonly string[] },
  ): void {
    this.#agree(this.#leaders, generation, {
      value: leader,
      law: 'G3: a generation has one leader',
    })
    if (members.length === 0) return
    this.#agree(this.#leaders, `${generation} of`, {
      value: members.join(),
      law: 'G3: a generation has its members',
    })
  }

  /** What was not durable has not been. */
  restarted(view: LogView): void {
    this.#membersSeenMs.clear()
    this.checkAcknowledged(view)
  }

  /** G2, G4: what was acknowledged is in the log, or something later about the same place. */
  checkAcknowledged(view: LogView): void {
    for (const [key, { offset, at }] of this.#acknowledged) {
      const slash = key.indexOf('/')
      const seen = view.group(key.slice(0, slash)).offsets.get(key.slice(slash + 1))
      const said = () => `${key} was ${offset} at ${at}, and is ${JSON.stringify(seen)}`
      holds(seen !== undefined && seen.at >= at, 'G2: no acknowledged offset is lost', said)
      if (seen?.at === at) holds(seen.value?.offset === offset, 'G2: nor another', said)
      // Offsets of a walk only grow.
      if (seen?.value) holds(seen.value.offset >= offset, 'G2: nor goes it back', said)
    }
  }

  /** G4: offsets go on request, with their topic, or after their time in a group whose members do not read them. */
  #checkRemoval(
    { group: groupId, topic, partition }: OffsetCommitKey,
    group: SeenGroup,
    { cause, nowMs }: { readonly cause: Cause; readonly nowMs: number },
  ): void {
    const place = `${topic}-${partition}`
    const before = group.offsets.get(place)?.removed ?? null
    if (cause === 'removal' || before === null) return
    const said = () => `${groupId}/${place} by ${cause}`
    const isByTime = cause !== 'request' && cause !== 'loaded'
    holds(isByTime, 'G4: no request removes offsets but those that say so', said)
    const known = this.#image().topics.byName.get(topic)
    const isStale = before.topicId !== ZERO_UUID && known?.topicId !== before.topicId
    if (isStale) return
    holds(cause === 'fired', 'G4: an offset of a topic that is there stays', said)
    const isRead = [...group.members.values()].some(
      ({ topics, pattern }) =>
        topics.includes(topic) || (pattern && new RegExp(`^(?:${pattern})$`).test(topic)),
    )
    const classic = group.classic?.members.length ?? 0
    holds(!isRead && classic === 0, 'G4: an offset that is read stays', said)
    // Of a classic group all offsets grow old together, from when the last member left (KIP-211).
    const emptySinceMs = (group.classic ?? group.endedClassic)?.currentStateTimestamp
    const seenMs = this.#membersSeenMs.get(groupId) ?? 0
    holds((emptySinceMs ?? seenMs) >= seenMs, 'G4: a group is empty since its members left', said)
    const sinceMs = emptySinceMs ?? before.commitTimestamp
    holds(nowMs - sinceMs >= this.#retentionMs, 'G4: an offset stays for its time', said)
  }

  /** Member ids, one or more, as names where they have one. */
  #named(memberIds: string): string {
    const names = memberIds
      .split(',')
      .map(id => this.#names.get(id) ?? id.replace(/^(instance-\d+)-.*/, '$1'))
    return names.toSorted().join()
  }

  #agree(
    known: Map<string, string>,
    key: string,
    { value, law }: { readonly value: string; readonly law: string },
  ): void {
    const before = known.get(key) ?? value
    known.set(key, before)
    const isSame = before === value || this.#named(before) === this.#named(value)
    holds(isSame, law, () => `${key}: ${before}, and then ${value}`)
  }
}

/** G1: in the records, no partition of a group belongs to two members, given up or not. */
export function checkOwners(groupId: string, group: SeenGroup): void {
  holds(
    group.classic === undefined || group.epoch === undefined,
    'a group has one kind',
    () => groupId,
  )
  const owners = new Map<string, string>()
  for (const [memberId, current] of group.current) {
    if (!group.members.has(memberId)) continue
    const has = listedPartitions([
      ...current.assignedPartitions,
      ...current.partitionsPendingRevocation,
    ])
    for (const partition of has) {
      const other = owners.get(partition)
      holds(
        other === undefined,
        'G1: one owner in the log',
        () => `${partition}: ${other}, ${memberId}`,
      )
      owners.set(partition, memberId)
    }
  }
  const places = new Set<string>()
  for (const { assignment } of group.classic?.members ?? []) {
    for (const place of placesOf(assignment)) {
      holds(!places.has(place), 'G1: one owner in the record of a generation', () => place)
      places.add(place)
    }
  }
}

/** The partitions of an assignment as classic consumers write it, as `topic-partition`. */
export function placesOf(assignment: Uint8Array): string[] {
  if (assignment.length === 0) return []
  return decodeAssignment(assignment).assignedPartitions.flatMap(({ topic, partitions }) =>
    partitions.map(one => `${topic}-${one}`),
  )
}

function accepted(response: OffsetCommitResponse, { offsets }: SentCommit): [string, number][] {
  return response.topics.flatMap(({ name, partitions }) =>
    partitions
      .filter(({ errorCode }) => errorName(errorCode) === 'NONE')
      .map(({ partitionIndex }): [string, number] => {
        const place = `${name}-${partitionIndex}`
        return [place, offsets.get(place) ?? -1]
      }),
  )
}
