import type { Assignor, GroupMember } from './assignor.ts'
import { balance } from './balance.ts'
import { type Claims, partitionKey, rightfulOwners } from './claims.ts'
import { decodeGeneration, encodeGeneration } from './sticky-user-data.ts'

/**
 * The same division as `sticky`, in two steps (KIP-429): a partition that is to move is first taken from its owner and given
 * to nobody. The owner gives it up and joins again, and only then does the new owner get it.
 */
export const cooperativeSticky: Assignor = {
  name: 'cooperative-sticky',
  rebalanceProtocol: 'cooperative',
  userData: (_owned, generationId) => encodeGeneration(generationId),
  assign(members, partitionCounts) {
    const owners = rightfulOwners(members, claimsOf, partitionCounts)
    const holders = new Map<string, Set<string>>()
    for (const { memberId, ownedPartitions } of members) {
      for (const at of ownedPartitions) {
        const key = partitionKey(at)
        const known = holders.get(key)
        if (known === undefined) holders.set(key, new Set([memberId]))
        else known.add(memberId)
      }
    }
    return new Map(
      [...balance(members, partitionCounts, owners)].map(([memberId, partitions]) => [
        memberId,
        partitions.filter(at => {
          const held = holders.get(partitionKey(at))
          return held === undefined || held.has(memberId)
        }),
      ]),
    )
  },
}

/** Before version 2 of the subscription the generation stands in the user data. */
function claimsOf({ ownedPartitions: owned, generationId, userData }: GroupMember): Claims {
  return { owned, generationId: generationId >= 0 ? generationId : decodeGeneration(userData) }
}
