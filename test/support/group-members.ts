import type {
  GroupAssignment,
  GroupMember,
} from '../../packages/client/src/group/assignors/assignor.ts'

/** A member of a group as an assignor sees it. */
export function memberOf(memberId: string, member: Partial<GroupMember> = {}): GroupMember {
  return {
    memberId,
    groupInstanceId: null,
    topics: ['t'],
    userData: null,
    ownedPartitions: [],
    generationId: -1,
    rackId: null,
    ...member,
  }
}

/** An assignment as text: `a: t-0 t-1`. */
export function shown(assignment: GroupAssignment): string[] {
  return [...assignment]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([memberId, partitions]) =>
      `${memberId}: ${partitions.map(({ topic, partition }) => `${topic}-${partition}`).join(' ')}`.trim(),
    )
}

/** Partitions from text: `t-0 t-1`. */
export function partitionsOf(text: string): { topic: string; partition: number }[] {
  return text
    .split(' ')
    .filter(Boolean)
    .map(name => {
      const [topic = '', partition = ''] = name.split('-')
      return { topic, partition: Number(partition) }
    })
}
