import { placesOf } from './group-laws.ts'
import { holds } from './holds.ts'
import { type LogView, listedPartitions, type SeenGroup } from './log-view.ts'
import type { Member } from './members.ts'

/**
 * G1: of those whom the log knows as members at the epoch that they believe in, whether they sleep or not, no two own the same partition;
 * and what they own the log gives to them, or has not yet taken back. Nobody can read what `exists` no more.
 */
export function checkBeliefs(
  view: LogView,
  members: readonly Member[],
  exists: (place: string) => boolean,
): void {
  const owners = new Map<string, string>()
  for (const member of members) {
    if (member.owned.size === 0) continue
    const group = view.group(member.given.groupId)
    const known = knownPlaces(group, member)
    if (known === undefined) continue
    for (const place of member.owned) {
      if (!exists(place)) continue
      const said = () =>
        `${member.memberId} at ${member.epoch} owns ${place} of ${member.given.groupId}`
      holds(known.has(place), 'G1: a member owns what the log gives to it', said)
      const key = `${member.given.groupId}/${place}`
      const other = owners.get(key)
      holds(
        other === undefined,
        'G1: a partition has one owner',
        () => `${said()}, so does ${other}`,
      )
      owners.set(key, member.memberId)
    }
  }
}

/** What the member may own as far as the log goes; undefined for one that is none, or has to begin anew. */
function knownPlaces(
  group: SeenGroup,
  { memberId, epoch }: Member,
): ReadonlySet<string> | undefined {
  if (group.epoch === undefined) {
    const { classic } = group
    if (classic?.generation !== epoch) return undefined
    const inLog = classic.members.find(one => one.memberId === memberId)
    return inLog && new Set(placesOf(inLog.assignment))
  }
  const current = group.current.get(memberId)
  if (current === undefined || !group.members.has(memberId)) return undefined
  // A static member that is away, and comes back under this id or another.
  if (current.memberEpoch < 0 || epoch <= 0) return undefined
  const has = [...current.assignedPartitions, ...current.partitionsPendingRevocation]
  return new Set(listedPartitions(has).map(one => one.replace(/A*:/, '-')))
}
