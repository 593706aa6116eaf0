import { messagesByName } from './messages.ts'

/**
 * Why there is no table for a vector: what stays among brokers and controllers is not spoken here, and what came after
 * Kafka 4.2 is not spoken yet. Whatever is not named here must have a table.
 */
const reasons: readonly (readonly [reason: string, names: RegExp])[] = [
  [
    'between brokers and controllers',
    /^(AllocateProducerIds|AlterPartition|AssignReplicasToDirs|BeginQuorumEpoch|BrokerHeartbeat|BrokerRegistration|ControllerRegistration|EndQuorumEpoch|Envelope|FetchSnapshot|UpdateRaftVoter|Vote)(Request|Response)$|^(DefaultPrincipalData|QuorumStateData)$/,
  ],
  [
    'between the coordinators of share groups',
    /^((Delete|Initialize|Read|Write)ShareGroupState|ReadShareGroupStateSummary)(Request|Response)$/,
  ],
  [
    'after Kafka 4.2',
    /^(StreamsGroupTopologyDescriptionUpdate|UnregisterController)(Request|Response)$|^UnregisterControllerRecord$/,
  ],
  [
    'tiered storage',
    /^Remote(LogSegmentMetadata(Snapshot|Update)?Record|PartitionDeleteMetadataRecord)$/,
  ],
]

/** Why a message in a version is not spoken here; undefined: it is, or nothing excuses that it is not. */
export const outOfScope = (name: string, version: number): string | undefined => {
  const message = messagesByName.get(name)
  if (message === undefined) return reasons.find(([, names]) => names.test(name))?.[0]
  return version > message.versions[1] ? 'a version after Kafka 4.2, or unstable in it' : undefined
}
