import type { ClassicGroup, ClassicMember } from './classic-group.ts'

/**
 * The protocol that the members agree on: each votes for the first in its list that all offer. Most votes win; among equals the one
 * that was voted for first. Undefined when no protocol is offered by all.
 */
export function selectProtocol(members: readonly ClassicMember[]): string | undefined {
  const offers = new Map<string, number>()
  for (const { protocols } of members) {
    for (const { name } of protocols) offers.set(name, (offers.get(name) ?? 0) + 1)
  }
  const votes = new Map<string, number>()
  for (const { protocols } of members) {
    const choice = protocols.find(({ name }) => offers.get(name) === members.length)?.name
    if (choice !== undefined) votes.set(choice, (votes.get(choice) ?? 0) + 1)
  }
  let selected: string | undefined
  for (const [name, count] of votes) {
    if (selected === undefined || count > (votes.get(selected) ?? 0)) selected = name
  }
  return selected
}

/** Whether a member with these protocols fits into the group: all who are there offer one of them, too. */
export function fitsGroup(
  group: ClassicGroup,
  protocolType: string,
  protocols: readonly { readonly name: string }[],
): boolean {
  if (group.state === 'Empty') return protocolType !== '' && protocols.length > 0
  return (
    group.protocolType === protocolType &&
    protocols.some(({ name }) => group.protocolCounts.get(name) === group.members.size)
  )
}

/** What a member says of itself under a protocol; nothing where it does not offer it. */
export function metadataUnder(
  { protocols }: ClassicMember,
  protocolName: string | null,
): Uint8Array | undefined {
  return protocols.find(({ name }) => name === protocolName)?.metadata
}
