/** What the protocol says of an error. */
export interface ProtocolErrorFacts {
  /** The number on the wire. */
  readonly code: number
  /** Whether the same request may succeed later, without anyone doing something about it. */
  readonly retriable: boolean
  readonly about: string
}

const passing = (code: number, about: string): ProtocolErrorFacts => ({
  code,
  retriable: true,
  about,
})
const lasting = (code: number, about: string): ProtocolErrorFacts => ({
  code,
  retriable: false,
  about,
})

/** Every error of the protocol by its name. Code says errors by name; the numbers are for the wire. */
export const errors = {
  UNKNOWN_SERVER_ERROR: lasting(-1, 'Catch-all: the broker hit an unexpected internal failure.'),
  NONE: lasting(0, 'Success.'),
  OFFSET_OUT_OF_RANGE: lasting(
    1,
    'Fetch/ListOffsets/DeleteRecords offset lies outside [log start, log end]; consumer applies auto.offset.reset.',
  ),
  CORRUPT_MESSAGE: passing(
    2,
    'Batch failed CRC or structural checks, or a null key was sent to a compacted topic.',
  ),
  UNKNOWN_TOPIC_OR_PARTITION: passing(
    3,
    'Broker does not know the topic or does not host that partition; refresh metadata.',
  ),
  INVALID_FETCH_SIZE: lasting(4, 'A fetch size field was not acceptable.'),
  LEADER_NOT_AVAILABLE: passing(5, 'Partition currently has no elected leader.'),
  NOT_LEADER_OR_FOLLOWER: passing(
    6,
    'Broker is not leader (or, for follower-allowed requests, not a replica) of the partition.',
  ),
  REQUEST_TIMED_OUT: passing(
    7,
    "Operation did not finish within the request's timeout (e.g. acks=all wait, CreateTopics wait).",
  ),
  BROKER_NOT_AVAILABLE: lasting(8, 'Target broker is down (mostly tooling).'),
  REPLICA_NOT_AVAILABLE: passing(9, 'Replica is not usable on this broker.'),
  MESSAGE_TOO_LARGE: lasting(
    10,
    'A batch is larger than max.message.bytes; Java producer splits the batch and retries.',
  ),
  STALE_CONTROLLER_EPOCH: lasting(11, 'Controller epoch outdated (ZooKeeper era).'),
  OFFSET_METADATA_TOO_LARGE: lasting(
    12,
    'Committed offset metadata string exceeds offset.metadata.max.bytes.',
  ),
  NETWORK_EXCEPTION: passing(
    13,
    'Client-side code: connection dropped before the response (never on the wire from Kafka brokers).',
  ),
  COORDINATOR_LOAD_IN_PROGRESS: passing(
    14,
    'Group/transaction coordinator is still replaying its log partition; retry same broker.',
  ),
  COORDINATOR_NOT_AVAILABLE: passing(
    15,
    'No coordinator available yet (internal topic missing/leaderless); redo FindCoordinator.',
  ),
  NOT_COORDINATOR: passing(
    16,
    'This broker no longer coordinates that group/transactional id; redo FindCoordinator.',
  ),
  INVALID_TOPIC_EXCEPTION: lasting(
    17,
    'Topic name illegal, or write to an internal topic not allowed.',
  ),
  RECORD_LIST_TOO_LARGE: lasting(18, 'Batch larger than segment.bytes.'),
  NOT_ENOUGH_REPLICAS: passing(
    19,
    'acks=all and ISR smaller than min.insync.replicas; nothing was appended.',
  ),
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: passing(
    20,
    'Appended, then ISR shrank below min.insync.replicas before acknowledgement; may duplicate on retry.',
  ),
  INVALID_REQUIRED_ACKS: lasting(21, 'acks was not -1, 0 or 1.'),
  ILLEGAL_GENERATION: lasting(22, 'Classic-group generation id does not match.'),
  INCONSISTENT_GROUP_PROTOCOL: lasting(
    23,
    "Member's protocol type/list shares nothing with the group, or is empty for a first member.",
  ),
  INVALID_GROUP_ID: lasting(24, 'Empty or otherwise illegal group id.'),
  UNKNOWN_MEMBER_ID: lasting(
    25,
    'Member id unknown to the group; rejoin with an empty id (classic) / rejoin with epoch 0 (consumer protocol).',
  ),
  INVALID_SESSION_TIMEOUT: lasting(26, 'session timeout outside group.min/max.session.timeout.ms.'),
  REBALANCE_IN_PROGRESS: lasting(27, 'Group is rebalancing; rejoin (classic).'),
  INVALID_COMMIT_OFFSET_SIZE: lasting(28, 'Offset commit record would be too big.'),
  TOPIC_AUTHORIZATION_FAILED: lasting(29, 'Principal lacks the needed topic ACL.'),
  GROUP_AUTHORIZATION_FAILED: lasting(30, 'Principal lacks the needed group ACL.'),
  CLUSTER_AUTHORIZATION_FAILED: lasting(31, 'Principal lacks the needed cluster ACL.'),
  INVALID_TIMESTAMP: lasting(32, 'Record timestamp outside message.timestamp.before/after.max.ms.'),
  UNSUPPORTED_SASL_MECHANISM: lasting(
    33,
    'SASL mechanism not enabled; response lists enabled ones.',
  ),
  ILLEGAL_SASL_STATE: lasting(34, 'SASL request out of sequence.'),
  UNSUPPORTED_VERSION: lasting(35, 'Request version (or feature/record version) unsupported.'),
  TOPIC_ALREADY_EXISTS: lasting(36, 'CreateTopics for an existing name.'),
  INVALID_PARTITIONS: lasting(
    37,
    'Partition count invalid (<1, or not larger than current in CreatePartitions).',
  ),
  INVALID_REPLICATION_FACTOR: lasting(38, 'Replication factor invalid (<1 or > live brokers).'),
  INVALID_REPLICA_ASSIGNMENT: lasting(39, 'Manual replica assignment is inconsistent.'),
  INVALID_CONFIG: lasting(40, 'A config name/value is rejected.'),
  NOT_CONTROLLER: passing(
    41,
    'Request must go to the active controller (seen only from controllers since KRaft brokers forward).',
  ),
  INVALID_REQUEST: lasting(42, 'Malformed or semantically impossible request.'),
  UNSUPPORTED_FOR_MESSAGE_FORMAT: lasting(
    43,
    "Log's record format cannot serve this request (e.g. idempotence on v0/v1).",
  ),
  POLICY_VIOLATION: lasting(44, 'Create/alter policy plugin refused.'),
  OUT_OF_ORDER_SEQUENCE_NUMBER: lasting(
    45,
    'Producer sequence has a gap; for idempotent producer fatal unless epoch can be bumped.',
  ),
  DUPLICATE_SEQUENCE_NUMBER: lasting(
    46,
    'Sequence already appended and older than the retained last-5 window; client may treat as success.',
  ),
  INVALID_PRODUCER_EPOCH: lasting(47, "Producer epoch is older than the log's/coordinator's."),
  INVALID_TXN_STATE: lasting(48, 'Transaction state does not allow the operation.'),
  INVALID_PRODUCER_ID_MAPPING: lasting(49, 'Transactional id maps to a different producer id.'),
  INVALID_TRANSACTION_TIMEOUT: lasting(
    50,
    "transaction.timeout.ms above broker's transaction.max.timeout.ms (or <=0).",
  ),
  CONCURRENT_TRANSACTIONS: passing(
    51,
    'Another transition for the transactional id is pending; retry with backoff.',
  ),
  TRANSACTION_COORDINATOR_FENCED: lasting(
    52,
    'Sender of WriteTxnMarkers is an outdated coordinator.',
  ),
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: lasting(53, 'Principal lacks the transactional-id ACL.'),
  SECURITY_DISABLED: lasting(54, 'No authorizer configured, so ACL APIs unusable.'),
  OPERATION_NOT_ATTEMPTED: lasting(
    55,
    'Part of a batched request was skipped because another part failed.',
  ),
  KAFKA_STORAGE_ERROR: passing(56, 'Disk failure on the log dir; partition becomes offline.'),
  LOG_DIR_NOT_FOUND: lasting(57, 'Named log dir does not exist on the broker.'),
  SASL_AUTHENTICATION_FAILED: lasting(58, 'Credentials rejected; connection is closed afterwards.'),
  UNKNOWN_PRODUCER_ID: lasting(
    59,
    'No producer state for that producer id (expired/deleted); legacy since KIP-360.',
  ),
  REASSIGNMENT_IN_PROGRESS: lasting(60, 'Partition reassignment is already running.'),
  DELEGATION_TOKEN_AUTH_DISABLED: lasting(61, 'delegation.token.secret.key not configured.'),
  DELEGATION_TOKEN_NOT_FOUND: lasting(62, 'Token unknown.'),
  DELEGATION_TOKEN_OWNER_MISMATCH: lasting(63, 'Caller is neither owner nor renewer.'),
  DELEGATION_TOKEN_REQUEST_NOT_ALLOWED: lasting(64, 'Channel type cannot use token APIs.'),
  DELEGATION_TOKEN_AUTHORIZATION_FAILED: lasting(65, 'Principal lacks the token ACL.'),
  DELEGATION_TOKEN_EXPIRED: lasting(66, 'Token past its expiry.'),
  INVALID_PRINCIPAL_TYPE: lasting(67, 'Principal type must be User.'),
  NON_EMPTY_GROUP: lasting(68, 'Group still has members (DeleteGroups, or admin offset change).'),
  GROUP_ID_NOT_FOUND: lasting(69, 'Group does not exist (or is of another type).'),
  FETCH_SESSION_ID_NOT_FOUND: passing(70, 'Fetch session evicted or unknown; start a full fetch.'),
  INVALID_FETCH_SESSION_EPOCH: passing(
    71,
    'Fetch session epoch not the next expected; start a full fetch.',
  ),
  LISTENER_NOT_FOUND: passing(72, 'Leader has no listener with the name the client used.'),
  TOPIC_DELETION_DISABLED: lasting(73, 'delete.topic.enable=false.'),
  FENCED_LEADER_EPOCH: passing(74, "Client's leader epoch older than broker's; refresh metadata."),
  UNKNOWN_LEADER_EPOCH: passing(75, "Client's leader epoch newer than broker's; retry."),
  UNSUPPORTED_COMPRESSION_TYPE: lasting(
    76,
    'Client version cannot read the codec (zstd before Fetch v10 / Produce v7).',
  ),
  STALE_BROKER_EPOCH: lasting(77, 'Broker epoch outdated.'),
  OFFSET_NOT_AVAILABLE: passing(
    78,
    "New leader's high watermark not yet past its epoch start; retry ListOffsets.",
  ),
  MEMBER_ID_REQUIRED: lasting(
    79,
    'First JoinGroup of a dynamic member: retry with the member id in the response (KIP-394).',
  ),
  PREFERRED_LEADER_NOT_AVAILABLE: passing(80, 'Preferred leader offline.'),
  GROUP_MAX_SIZE_REACHED: lasting(81, 'group.max.size reached.'),
  FENCED_INSTANCE_ID: lasting(82, 'Another member registered the same group.instance.id.'),
  ELIGIBLE_LEADERS_NOT_AVAILABLE: passing(
    83,
    'No eligible replica for unclean/preferred election.',
  ),
  ELECTION_NOT_NEEDED: passing(84, 'Leader already is the wanted one.'),
  NO_REASSIGNMENT_IN_PROGRESS: lasting(85, 'Nothing to cancel.'),
  GROUP_SUBSCRIBED_TO_TOPIC: lasting(86, 'OffsetDelete while a member subscribes to the topic.'),
  INVALID_RECORD: lasting(87, 'Record-level validation failed; see RecordErrors.'),
  UNSTABLE_OFFSET_COMMIT: passing(
    88,
    'OffsetFetch with RequireStable while a transactional commit is pending.',
  ),
  THROTTLING_QUOTA_EXCEEDED: passing(
    89,
    'Controller mutation quota exceeded; retry after ThrottleTimeMs.',
  ),
  PRODUCER_FENCED: lasting(90, 'Newer producer instance took over the transactional id.'),
  RESOURCE_NOT_FOUND: lasting(91, 'Referenced resource (e.g. SCRAM user) absent.'),
  DUPLICATE_RESOURCE: lasting(92, 'Same resource named twice in one request.'),
  UNACCEPTABLE_CREDENTIAL: lasting(93, 'SCRAM iterations/credential unacceptable.'),
  INCONSISTENT_VOTER_SET: lasting(94, 'Raft voter set mismatch.'),
  INVALID_UPDATE_VERSION: lasting(95, 'Partition/feature update version outdated.'),
  FEATURE_UPDATE_FAILED: lasting(96, 'Feature update could not be stored.'),
  PRINCIPAL_DESERIALIZATION_FAILURE: lasting(97, 'Envelope principal undecodable.'),
  SNAPSHOT_NOT_FOUND: lasting(98, 'Raft snapshot unknown.'),
  POSITION_OUT_OF_RANGE: lasting(99, 'Raft snapshot position out of range.'),
  UNKNOWN_TOPIC_ID: passing(100, 'Topic id unknown to this broker; refresh metadata.'),
  DUPLICATE_BROKER_REGISTRATION: lasting(
    101,
    'Broker id already registered by a live incarnation.',
  ),
  BROKER_ID_NOT_REGISTERED: lasting(102, 'Broker id not registered.'),
  INCONSISTENT_TOPIC_ID: passing(103, "Topic id differs from the one in the partition's log."),
  INCONSISTENT_CLUSTER_ID: lasting(104, 'Cluster id mismatch.'),
  TRANSACTIONAL_ID_NOT_FOUND: lasting(
    105,
    'Transactional id unknown to coordinator (DescribeTransactions).',
  ),
  FETCH_SESSION_TOPIC_ID_ERROR: passing(106, 'Session mixed topic-name and topic-id fetches.'),
  INELIGIBLE_REPLICA: lasting(107, 'Proposed ISR has an ineligible replica.'),
  NEW_LEADER_ELECTED: lasting(108, 'ISR change applied and leadership moved.'),
  OFFSET_MOVED_TO_TIERED_STORAGE: lasting(109, 'Follower: offset now only in remote tier.'),
  FENCED_MEMBER_EPOCH: lasting(
    110,
    'Consumer/share/streams member epoch fenced: drop everything, rejoin with epoch 0.',
  ),
  UNRELEASED_INSTANCE_ID: lasting(111, 'Static instance id still held by a live member.'),
  UNSUPPORTED_ASSIGNOR: lasting(112, 'Server-side assignor name unknown.'),
  STALE_MEMBER_EPOCH: lasting(
    113,
    'Member epoch in OffsetCommit/OffsetFetch/etc. is behind; wait for heartbeat then retry.',
  ),
  MISMATCHED_ENDPOINT_TYPE: lasting(
    114,
    'Controller-only request at broker endpoint or vice versa.',
  ),
  UNSUPPORTED_ENDPOINT_TYPE: lasting(115, 'Endpoint type value unsupported.'),
  UNKNOWN_CONTROLLER_ID: lasting(116, 'Controller id unknown.'),
  UNKNOWN_SUBSCRIPTION_ID: lasting(117, 'Telemetry subscription outdated; refetch.'),
  TELEMETRY_TOO_LARGE: lasting(118, 'PushTelemetry body above telemetry.max.bytes.'),
  INVALID_REGISTRATION: lasting(119, 'Controller refuses registration.'),
  TRANSACTION_ABORTABLE: lasting(
    120,
    'Transaction must be aborted but producer remains usable (KIP-890).',
  ),
  INVALID_RECORD_STATE: lasting(
    121,
    'Share acknowledgement for a record not acquired by this member.',
  ),
  SHARE_SESSION_NOT_FOUND: passing(122, 'Share session unknown; reopen with epoch 0.'),
  INVALID_SHARE_SESSION_EPOCH: passing(123, 'Share session epoch unexpected; reopen with epoch 0.'),
  FENCED_STATE_EPOCH: lasting(124, 'Share-state epoch fenced.'),
  INVALID_VOTER_KEY: lasting(125, 'Raft voter key mismatch.'),
  DUPLICATE_VOTER: lasting(126, 'Already a voter.'),
  VOTER_NOT_FOUND: lasting(127, 'Not a voter.'),
  INVALID_REGULAR_EXPRESSION: lasting(128, 'Subscription regex does not compile (RE2J).'),
  REBOOTSTRAP_REQUIRED: lasting(
    129,
    'Client should restart from bootstrap servers (KIP-1102/1242).',
  ),
  STREAMS_INVALID_TOPOLOGY: lasting(130, 'Streams topology invalid.'),
  STREAMS_INVALID_TOPOLOGY_EPOCH: lasting(131, 'Streams topology epoch invalid.'),
  STREAMS_TOPOLOGY_FENCED: lasting(132, 'Streams topology epoch outdated.'),
  SHARE_SESSION_LIMIT_REACHED: passing(
    133,
    'group.share.max.share.sessions reached on the broker; retry later.',
  ),
  GROUP_DELETION_FAILED: lasting(
    134,
    'DeleteGroups v3: failed for a reason in ErrorMessage (4.4).',
  ),
  STREAMS_TOPOLOGY_DESCRIPTION_UPDATE_FAILED: lasting(
    135,
    'Streams topology description push failed (4.4).',
  ),
  CONTROLLER_ID_NOT_REGISTERED: lasting(
    136,
    'Controller id to unregister is not registered (4.4).',
  ),
} as const satisfies Readonly<Record<string, ProtocolErrorFacts>>

export type ErrorName = keyof typeof errors

const names: ReadonlyMap<number, ErrorName> = new Map(
  Object.entries(errors).map(([name, error]) => [error.code, name as ErrorName]),
)

/** The number of an error on the wire. */
export const errorCode = (name: ErrorName): number => errors[name].code

/** The name of an error code; a code that is not in the table is `UNKNOWN_SERVER_ERROR`, as in Kafka's own client. */
export const errorName = (code: number): ErrorName => names.get(code) ?? 'UNKNOWN_SERVER_ERROR'
