/** The settings that the group coordinator's decisions depend on, as plain values. Times in milliseconds. */
export interface GroupRules {
  readonly initialRebalanceDelayMs: number
  readonly minSessionTimeoutMs: number
  readonly maxSessionTimeoutMs: number
  /** Members of a classic group. */
  readonly maxSize: number
  readonly offsetMetadataMaxBytes: number
  readonly offsetsRetentionMs: number
  readonly offsetsRetentionCheckIntervalMs: number
  readonly rebalanceProtocols: readonly string[]
  readonly consumer: ConsumerGroupRules
}

/** KIP-848 groups. `settingsOf` gives what is set on one group, within the broker's bounds. */
export interface ConsumerGroupRules {
  readonly maxSize: number
  /** The first is the default. */
  readonly assignors: readonly string[]
  readonly migrationPolicy: 'disabled' | 'downgrade' | 'upgrade' | 'bidirectional'
  readonly regexRefreshIntervalMs: number
  readonly sessionTimeoutMsOf: (groupId: string) => number
  readonly heartbeatIntervalMsOf: (groupId: string) => number
}
