/** Every error of the protocol by its name. Code says errors by name; the numbers are for the wire. */
export const errors = {
  UNKNOWN_SERVER_ERROR: {
    code: -1,
    retriable: false,
    about: 'Catch-all: the broker hit an unexpected internal failure.',
  },
  NONE: { code: 0, retriable: false, about: 'Success.' },
  OFFSET_OUT_OF_RANGE: {
    code: 1,
    retriable: false,
    about:
      'Fetch/ListOffsets/DeleteRecords offset lies outside [log start, log end]; consumer applies auto.offset.reset.',
  },
  CORRUPT_MESSAGE: {
    code: 2,
    retriable: true,
    about: 'Batch failed CRC or structural checks, or a null key was sent to a compacted topic.',
  },
  UNKNOWN_TOPIC_OR_PARTITION: {
    code: 3,
    retriable: true,
    about: 'Broker does not know the topic or does not host that partition; refresh metadata.',
  },
  INVALID_FETCH_SIZE: {
    code: 4,
    retriable: false,
    about: 'A fetch size field was not acceptable.',
  },
  LEADER_NOT_AVAILABLE: {
    code: 5,
    retriable: true,
    about: 'Partition currently has no elected leader.',
  },
  NOT_LEADER_OR_FOLLOWER: {
    code: 6,
    retriable: true,
    about:
      'Broker is not leader (or, for follower-allowed requests, not a replica) of the partition.',
  },
  REQUEST_TIMED_OUT: {
    code: 7,
    retriable: true,
    about:
      "Operation did not finish within the request's timeout (e.g. acks=all wait, CreateTopics wait).",
  },
  BROKER_NOT_AVAILABLE: {
    code: 8,
    retriable: false,
    about: 'Target broker is down (mostly tooling).',
  },
  REPLICA_NOT_AVAILABLE: {
    code: 9,
    retriable: true,
    about: 'Replica is not usable on this broker.',
  },
  MESSAGE_TOO_LARGE: {
    code: 10,
    retriable: false,
    about: 'A batch is larger than max.message.bytes; Java producer splits the batch and retries.',
  },
  STALE_CONTROLLER_EPOCH: {
    code: 11,
    retriable: false,
    about: 'Controller epoch outdated (ZooKeeper era).',
  },
  OFFSET_METADATA_TOO_LARGE: {
    code: 12,
    retriable: false,
    about: 'Committed offset metadata string exceeds offset.metadata.max.bytes.',
  },
  NETWORK_EXCEPTION: {
    code: 13,
    retriable: true,
    about:
      'Client-side code: connection dropped before the response (never on the wire from Kafka brokers).',
  },
  COORDINATOR_LOAD_IN_PROGRESS: {
    code: 14,
    retriable: true,
    about: 'Group/transaction coordinator is still replaying its log partition; retry same broker.',
  },
  COORDINATOR_NOT_AVAILABLE: {
    code: 15,
    retriable: true,
    about:
      'No coordinator available yet (internal topic missing/leaderless); redo FindCoordinator.',
  },
  NOT_COORDINATOR: {
    code: 16,
    retriable: true,
    about: 'This broker no longer coordinates that group/transactional id; redo FindCoordinator.',
  },
  INVALID_TOPIC_EXCEPTION: {
    code: 17,
    retriable: false,
    about: 'Topic name illegal, or write to an internal topic not allowed.',
  },
  RECORD_LIST_TOO_LARGE: { code: 18, retriable: false, about: 'Batch larger than segment.bytes.' },
  NOT_ENOUGH_REPLICAS: {
    code: 19,
    retriable: true,
    about: 'acks=all and ISR smaller than min.insync.replicas; nothing was appended.',
  },
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: {
    code: 20,
    retriable: true,
    about:
      'Appended, then ISR shrank below min.insync.replicas before acknowledgement; may duplicate on retry.',
  },
  INVALID_REQUIRED_ACKS: { code: 21, retriable: false, about: 'acks was not -1, 0 or 1.' },
  ILLEGAL_GENERATION: {
    code: 22,
    retriable: false,
    about: 'Classic-group generation id does not match.',
  },
  INCONSISTENT_GROUP_PROTOCOL: {
    code: 23,
    retriable: false,
    about:
      "Member's protocol type/list shares nothing with the group, or is empty for a first member.",
  },
  INVALID_GROUP_ID: { code: 24, retriable: false, about: 'Empty or otherwise illegal group id.' },
  UNKNOWN_MEMBER_ID: {
    code: 25,
    retriable: false,
    about:
      'Member id unknown to the group; rejoin with an empty id (classic) / rejoin with epoch 0 (consumer protocol).',
  },
  INVALID_SESSION_TIMEOUT: {
    code: 26,
    retriable: false,
    about: 'session timeout outside group.min/max.session.timeout.ms.',
  },
  REBALANCE_IN_PROGRESS: {
    code: 27,
    retriable: false,
    about: 'Group is rebalancing; rejoin (classic).',
  },
  INVALID_COMMIT_OFFSET_SIZE: {
    code: 28,
    retriable: false,
    about: 'Offset commit record would be too big.',
  },
  TOPIC_AUTHORIZATION_FAILED: {
    code: 29,
    retriable: false,
    about: 'Principal lacks the needed topic ACL.',
  },
  GROUP_AUTHORIZATION_FAILED: {
    code: 30,
    retriable: false,
    about: 'Principal lacks the needed group ACL.',
  },
  CLUSTER_AUTHORIZATION_FAILED: {
    code: 31,
    retriable: false,
    about: 'Principal lacks the needed cluster ACL.',
  },
  INVALID_TIMESTAMP: {
    code: 32,
    retriable: false,
    about: 'Record timestamp outside message.timestamp.before/after.max.ms.',
  },
  UNSUPPORTED_SASL_MECHANISM: {
    code: 33,
    retriable: false,
    about: 'SASL mechanism not enabled; response lists enabled ones.',
  },
  ILLEGAL_SASL_STATE: { code: 34, retriable: false, about: 'SASL request out of sequence.' },
  UNSUPPORTED_VERSION: {
    code: 35,
    retriable: false,
    about: 'Request version (or feature/record version) unsupported.',
  },
  TOPIC_ALREADY_EXISTS: { code: 36, retriable: false, about: 'CreateTopics for an existing name.' },
  INVALID_PARTITIONS: {
    code: 37,
    retriable: false,
    about: 'Partition count invalid (<1, or not larger than current in CreatePartitions).',
  },
  INVALID_REPLICATION_FACTOR: {
    code: 38,
    retriable: false,
    about: 'Replication factor invalid (<1 or > live brokers).',
  },
  INVALID_REPLICA_ASSIGNMENT: {
    code: 39,
    retriable: false,
    about: 'Manual replica assignment is inconsistent.',
  },
  INVALID_CONFIG: { code: 40, retriable: false, about: 'A config name/value is rejected.' },
  NOT_CONTROLLER: {
    code: 41,
    retriable: true,
    about:
      'Request must go to the active controller (seen only from controllers since KRaft brokers forward).',
  },
  INVALID_REQUEST: {
    code: 42,
    retriable: false,
    about: 'Malformed or semantically impossible request.',
  },
  UNSUPPORTED_FOR_MESSAGE_FORMAT: {
    code: 43,
    retriable: false,
    about: "Log's record format cannot serve this request (e.g. idempotence on v0/v1).",
  },
  POLICY_VIOLATION: { code: 44, retriable: false, about: 'Create/alter policy plugin refused.' },
  OUT_OF_ORDER_SEQUENCE_NUMBER: {
    code: 45,
    retriable: false,
    about: 'Producer sequence has a gap; for idempotent producer fatal unless epoch can be bumped.',
  },
  DUPLICATE_SEQUENCE_NUMBER: {
    code: 46,
    retriable: false,
    about:
      'Sequence already appended and older than the retained last-5 window; client may treat as success.',
  },
  INVALID_PRODUCER_EPOCH: {
    code: 47,
    retriable: false,
    about: "Producer epoch is older than the log's/coordinator's.",
  },
  INVALID_TXN_STATE: {
    code: 48,
    retriable: false,
    about: 'Transaction state does not allow the operation.',
  },
  INVALID_PRODUCER_ID_MAPPING: {
    code: 49,
    retriable: false,
    about: 'Transactional id maps to a different producer id.',
  },
  INVALID_TRANSACTION_TIMEOUT: {
    code: 50,
    retriable: false,
    about: "transaction.timeout.ms above broker's transaction.max.timeout.ms (or <=0).",
  },
  CONCURRENT_TRANSACTIONS: {
    code: 51,
    retriable: true,
    about: 'Another transition for the transactional id is pending; retry with backoff.',
  },
  TRANSACTION_COORDINATOR_FENCED: {
    code: 52,
    retriable: false,
    about: 'Sender of WriteTxnMarkers is an outdated coordinator.',
  },
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: {
    code: 53,
    retriable: false,
    about: 'Principal lacks the transactional-id ACL.',
  },
  SECURITY_DISABLED: {
    code: 54,
    retriable: false,
    about: 'No authorizer configured, so ACL APIs unusable.',
  },
  OPERATION_NOT_ATTEMPTED: {
    code: 55,
    retriable: false,
    about: 'Part of a batched request was skipped because another part failed.',
  },
  KAFKA_STORAGE_ERROR: {
    code: 56,
    retriable: true,
    about: 'Disk failure on the log dir; partition becomes offline.',
  },
  LOG_DIR_NOT_FOUND: {
    code: 57,
    retriable: false,
    about: 'Named log dir does not exist on the broker.',
  },
  SASL_AUTHENTICATION_FAILED: {
    code: 58,
    retriable: false,
    about: 'Credentials rejected; connection is closed afterwards.',
  },
  UNKNOWN_PRODUCER_ID: {
    code: 59,
    retriable: false,
    about: 'No producer state for that producer id (expired/deleted); legacy since KIP-360.',
  },
  REASSIGNMENT_IN_PROGRESS: {
    code: 60,
    retriable: false,
    about: 'Partition reassignment is already running.',
  },
  DELEGATION_TOKEN_AUTH_DISABLED: {
    code: 61,
    retriable: false,
    about: 'delegation.token.secret.key not configured.',
  },
  DELEGATION_TOKEN_NOT_FOUND: { code: 62, retriable: false, about: 'Token unknown.' },
  DELEGATION_TOKEN_OWNER_MISMATCH: {
    code: 63,
    retriable: false,
    about: 'Caller is neither owner nor renewer.',
  },
  DELEGATION_TOKEN_REQUEST_NOT_ALLOWED: {
    code: 64,
    retriable: false,
    about: 'Channel type cannot use token APIs.',
  },
  DELEGATION_TOKEN_AUTHORIZATION_FAILED: {
    code: 65,
    retriable: false,
    about: 'Principal lacks the token ACL.',
  },
  DELEGATION_TOKEN_EXPIRED: { code: 66, retriable: false, about: 'Token past its expiry.' },
  INVALID_PRINCIPAL_TYPE: { code: 67, retriable: false, about: 'Principal type must be User.' },
  NON_EMPTY_GROUP: {
    code: 68,
    retriable: false,
    about: 'Group still has members (DeleteGroups, or admin offset change).',
  },
  GROUP_ID_NOT_FOUND: {
    code: 69,
    retriable: false,
    about: 'Group does not exist (or is of another type).',
  },
  FETCH_SESSION_ID_NOT_FOUND: {
    code: 70,
    retriable: true,
    about: 'Fetch session evicted or unknown; start a full fetch.',
  },
  INVALID_FETCH_SESSION_EPOCH: {
    code: 71,
    retriable: true,
    about: 'Fetch session epoch not the next expected; start a full fetch.',
  },
  LISTENER_NOT_FOUND: {
    code: 72,
    retriable: true,
    about: 'Leader has no listener with the name the client used.',
  },
  TOPIC_DELETION_DISABLED: { code: 73, retriable: false, about: 'delete.topic.enable=false.' },
  FENCED_LEADER_EPOCH: {
    code: 74,
    retriable: true,
    about: "Client's leader epoch older than broker's; refresh metadata.",
  },
  UNKNOWN_LEADER_EPOCH: {
    code: 75,
    retriable: true,
    about: "Client's leader epoch newer than broker's; retry.",
  },
  UNSUPPORTED_COMPRESSION_TYPE: {
    code: 76,
    retriable: false,
    about: 'Client version cannot read the codec (zstd before Fetch v10 / Produce v7).',
  },
  STALE_BROKER_EPOCH: { code: 77, retriable: false, about: 'Broker epoch outdated.' },
  OFFSET_NOT_AVAILABLE: {
    code: 78,
    retriable: true,
    about: "New leader's high watermark not yet past its epoch start; retry ListOffsets.",
  },
  MEMBER_ID_REQUIRED: {
    code: 79,
    retriable: false,
    about:
      'First JoinGroup of a dynamic member: retry with the member id in the response (KIP-394).',
  },
  PREFERRED_LEADER_NOT_AVAILABLE: { code: 80, retriable: true, about: 'Preferred leader offline.' },
  GROUP_MAX_SIZE_REACHED: { code: 81, retriable: false, about: 'group.max.size reached.' },
  FENCED_INSTANCE_ID: {
    code: 82,
    retriable: false,
    about: 'Another member registered the same group.instance.id.',
  },
  ELIGIBLE_LEADERS_NOT_AVAILABLE: {
    code: 83,
    retriable: true,
    about: 'No eligible replica for unclean/preferred election.',
  },
  ELECTION_NOT_NEEDED: { code: 84, retriable: true, about: 'Leader already is the wanted one.' },
  NO_REASSIGNMENT_IN_PROGRESS: { code: 85, retriable: false, about: 'Nothing to cancel.' },
  GROUP_SUBSCRIBED_TO_TOPIC: {
    code: 86,
    retriable: false,
    about: 'OffsetDelete while a member subscribes to the topic.',
  },
  INVALID_RECORD: {
    code: 87,
    retriable: false,
    about: 'Record-level validation failed; see RecordErrors.',
  },
  UNSTABLE_OFFSET_COMMIT: {
    code: 88,
    retriable: true,
    about: 'OffsetFetch with RequireStable while a transactional commit is pending.',
  },
  THROTTLING_QUOTA_EXCEEDED: {
    code: 89,
    retriable: true,
    about: 'Controller mutation quota exceeded; retry after ThrottleTimeMs.',
  },
  PRODUCER_FENCED: {
    code: 90,
    retriable: false,
    about: 'Newer producer instance took over the transactional id.',
  },
  RESOURCE_NOT_FOUND: {
    code: 91,
    retriable: false,
    about: 'Referenced resource (e.g. SCRAM user) absent.',
  },
  DUPLICATE_RESOURCE: {
    code: 92,
    retriable: false,
    about: 'Same resource named twice in one request.',
  },
  UNACCEPTABLE_CREDENTIAL: {
    code: 93,
    retriable: false,
    about: 'SCRAM iterations/credential unacceptable.',
  },
  INCONSISTENT_VOTER_SET: { code: 94, retriable: false, about: 'Raft voter set mismatch.' },
  INVALID_UPDATE_VERSION: {
    code: 95,
    retriable: false,
    about: 'Partition/feature update version outdated.',
  },
  FEATURE_UPDATE_FAILED: {
    code: 96,
    retriable: false,
    about: 'Feature update could not be stored.',
  },
  PRINCIPAL_DESERIALIZATION_FAILURE: {
    code: 97,
    retriable: false,
    about: 'Envelope principal undecodable.',
  },
  SNAPSHOT_NOT_FOUND: { code: 98, retriable: false, about: 'Raft snapshot unknown.' },
  POSITION_OUT_OF_RANGE: {
    code: 99,
    retriable: false,
    about: 'Raft snapshot position out of range.',
  },
  UNKNOWN_TOPIC_ID: {
    code: 100,
    retriable: true,
    about: 'Topic id unknown to this broker; refresh metadata.',
  },
  DUPLICATE_BROKER_REGISTRATION: {
    code: 101,
    retriable: false,
    about: 'Broker id already registered by a live incarnation.',
  },
  BROKER_ID_NOT_REGISTERED: { code: 102, retriable: false, about: 'Broker id not registered.' },
  INCONSISTENT_TOPIC_ID: {
    code: 103,
    retriable: true,
    about: "Topic id differs from the one in the partition's log.",
  },
  INCONSISTENT_CLUSTER_ID: { code: 104, retriable: false, about: 'Cluster id mismatch.' },
  TRANSACTIONAL_ID_NOT_FOUND: {
    code: 105,
    retriable: false,
    about: 'Transactional id unknown to coordinator (DescribeTransactions).',
  },
  FETCH_SESSION_TOPIC_ID_ERROR: {
    code: 106,
    retriable: true,
    about: 'Session mixed topic-name and topic-id fetches.',
  },
  INELIGIBLE_REPLICA: {
    code: 107,
    retriable: false,
    about: 'Proposed ISR has an ineligible replica.',
  },
  NEW_LEADER_ELECTED: {
    code: 108,
    retriable: false,
    about: 'ISR change applied and leadership moved.',
  },
  OFFSET_MOVED_TO_TIERED_STORAGE: {
    code: 109,
    retriable: false,
    about: 'Follower: offset now only in remote tier.',
  },
  FENCED_MEMBER_EPOCH: {
    code: 110,
    retriable: false,
    about: 'Consumer/share/streams member epoch fenced: drop everything, rejoin with epoch 0.',
  },
  UNRELEASED_INSTANCE_ID: {
    code: 111,
    retriable: false,
    about: 'Static instance id still held by a live member.',
  },
  UNSUPPORTED_ASSIGNOR: {
    code: 112,
    retriable: false,
    about: 'Server-side assignor name unknown.',
  },
  STALE_MEMBER_EPOCH: {
    code: 113,
    retriable: false,
    about:
      'Member epoch in OffsetCommit/OffsetFetch/etc. is behind; wait for heartbeat then retry.',
  },
  MISMATCHED_ENDPOINT_TYPE: {
    code: 114,
    retriable: false,
    about: 'Controller-only request at broker endpoint or vice versa.',
  },
  UNSUPPORTED_ENDPOINT_TYPE: {
    code: 115,
    retriable: false,
    about: 'Endpoint type value unsupported.',
  },
  UNKNOWN_CONTROLLER_ID: { code: 116, retriable: false, about: 'Controller id unknown.' },
  UNKNOWN_SUBSCRIPTION_ID: {
    code: 117,
    retriable: false,
    about: 'Telemetry subscription outdated; refetch.',
  },
  TELEMETRY_TOO_LARGE: {
    code: 118,
    retriable: false,
    about: 'PushTelemetry body above telemetry.max.bytes.',
  },
  INVALID_REGISTRATION: { code: 119, retriable: false, about: 'Controller refuses registration.' },
  TRANSACTION_ABORTABLE: {
    code: 120,
    retriable: false,
    about: 'Transaction must be aborted but producer remains usable (KIP-890).',
  },
  INVALID_RECORD_STATE: {
    code: 121,
    retriable: false,
    about: 'Share acknowledgement for a record not acquired by this member.',
  },
  SHARE_SESSION_NOT_FOUND: {
    code: 122,
    retriable: true,
    about: 'Share session unknown; reopen with epoch 0.',
  },
  INVALID_SHARE_SESSION_EPOCH: {
    code: 123,
    retriable: true,
    about: 'Share session epoch unexpected; reopen with epoch 0.',
  },
  FENCED_STATE_EPOCH: { code: 124, retriable: false, about: 'Share-state epoch fenced.' },
  INVALID_VOTER_KEY: { code: 125, retriable: false, about: 'Raft voter key mismatch.' },
  DUPLICATE_VOTER: { code: 126, retriable: false, about: 'Already a voter.' },
  VOTER_NOT_FOUND: { code: 127, retriable: false, about: 'Not a voter.' },
  INVALID_REGULAR_EXPRESSION: {
    code: 128,
    retriable: false,
    about: 'Subscription regex does not compile (RE2J).',
  },
  REBOOTSTRAP_REQUIRED: {
    code: 129,
    retriable: false,
    about: 'Client should restart from bootstrap servers (KIP-1102/1242).',
  },
  STREAMS_INVALID_TOPOLOGY: { code: 130, retriable: false, about: 'Streams topology invalid.' },
  STREAMS_INVALID_TOPOLOGY_EPOCH: {
    code: 131,
    retriable: false,
    about: 'Streams topology epoch invalid.',
  },
  STREAMS_TOPOLOGY_FENCED: {
    code: 132,
    retriable: false,
    about: 'Streams topology epoch outdated.',
  },
  SHARE_SESSION_LIMIT_REACHED: {
    code: 133,
    retriable: true,
    about: 'group.share.max.share.sessions reached on the broker; retry later.',
  },
  GROUP_DELETION_FAILED: {
    code: 134,
    retriable: false,
    about: 'DeleteGroups v3: failed for a reason in ErrorMessage (4.4).',
  },
  STREAMS_TOPOLOGY_DESCRIPTION_UPDATE_FAILED: {
    code: 135,
    retriable: false,
    about: 'Streams topology description push failed (4.4).',
  },
  CONTROLLER_ID_NOT_REGISTERED: {
    code: 136,
    retriable: false,
    about: 'Controller id to unregister is not registered (4.4).',
  },
} as const satisfies Readonly<
  Record<string, { readonly code: number; readonly retriable: boolean; readonly about: string }>
>

export type ErrorName = keyof typeof errors

const names: ReadonlyMap<number, ErrorName> = new Map(
  Object.entries(errors).map(([name, error]) => [error.code, name as ErrorName]),
)

/** The number of an error on the wire. */
export const errorCode = (name: ErrorName): number => errors[name].code

/** The name of an error code; a code that is not in the table is `UNKNOWN_SERVER_ERROR`, as in Kafka's own client. */
export const errorName = (code: number): ErrorName => names.get(code) ?? 'UNKNOWN_SERVER_ERROR'
