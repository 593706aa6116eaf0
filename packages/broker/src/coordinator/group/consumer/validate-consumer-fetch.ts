import type { ErrorName } from '@varve/protocol'
import type { ConsumerGroup } from './consumer-group.ts'
import { memberEpochError } from './validate-consumer-commit.ts'

/** Whether offsets may be read by who says to be this member; a null id with a negative epoch is nobody in particular. */
export function validateConsumerFetch(
  group: ConsumerGroup,
  { memberId, memberEpoch }: { readonly memberId: string | null; readonly memberEpoch: number },
): ErrorName {
  if (memberId === null && memberEpoch < 0) return 'NONE'
  const member = group.members.get(memberId ?? '')
  return member === undefined ? 'UNKNOWN_MEMBER_ID' : memberEpochError(member, memberEpoch)
}
