import type { Assignor } from './assignor.ts'
import { balance } from './balance.ts'
import { rightfulOwners } from './claims.ts'
import { decodeStickyUserData, encodeStickyUserData } from './sticky-user-data.ts'

/** As even as it gets, and of all such assignments one that moves few partitions. Members give everything up meanwhile. */
export const sticky: Assignor = {
  name: 'sticky',
  rebalanceProtocol: 'eager',
  userData: (owned, generationId) => encodeStickyUserData({ owned, generationId }),
  assign(members, partitionCounts) {
    const claimsOf = ({ userData }: { readonly userData: Uint8Array | null }) =>
      decodeStickyUserData(userData)
    const owners = rightfulOwners(members, claimsOf, partitionCounts)
    return balance(members, partitionCounts, owners)
  },
}
