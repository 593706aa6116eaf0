/** Kafka's command-line tools by the names of their scripts, and the classes behind them. */
export const TOOLS = {
  'kafka-topics': 'org.apache.kafka.tools.TopicCommand',
  'kafka-configs': 'kafka.admin.ConfigCommand',
  'kafka-console-producer': 'org.apache.kafka.tools.ConsoleProducer',
  'kafka-console-consumer': 'org.apache.kafka.tools.consumer.ConsoleConsumer',
  'kafka-get-offsets': 'org.apache.kafka.tools.GetOffsetShell',
  'kafka-consumer-groups': 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
  'kafka-groups': 'org.apache.kafka.tools.GroupsCommand',
  'kafka-log-dirs': 'org.apache.kafka.tools.LogDirsCommand',
  'kafka-delete-records': 'org.apache.kafka.tools.DeleteRecordsCommand',
  'kafka-transactions': 'org.apache.kafka.tools.TransactionsCommand',
  'kafka-cluster': 'org.apache.kafka.tools.ClusterTool',
  'kafka-features': 'org.apache.kafka.tools.FeatureCommand',
  'kafka-broker-api-versions': 'org.apache.kafka.tools.BrokerApiVersionsCommand',
  'kafka-verifiable-producer': 'org.apache.kafka.tools.VerifiableProducer',
  'kafka-verifiable-consumer': 'org.apache.kafka.tools.VerifiableConsumer',
  'kafka-producer-perf-test': 'org.apache.kafka.tools.ProducerPerformance',
  'kafka-consumer-perf-test': 'org.apache.kafka.tools.ConsumerPerformance',
  'kafka-e2e-latency': 'org.apache.kafka.tools.EndToEndLatency',
  'kafka-share-groups': 'org.apache.kafka.tools.consumer.group.ShareGroupCommand',
  'kafka-streams-groups': 'org.apache.kafka.tools.streams.StreamsGroupCommand',
  'kafka-leader-election': 'org.apache.kafka.tools.LeaderElectionCommand',
  'kafka-reassign-partitions': 'org.apache.kafka.tools.reassign.ReassignPartitionsCommand',
  'kafka-metadata-quorum': 'org.apache.kafka.tools.MetadataQuorumCommand',
  'kafka-acls': 'org.apache.kafka.tools.AclCommand',
  'kafka-delegation-tokens': 'org.apache.kafka.tools.DelegationTokenCommand',
  'kafka-client-metrics': 'org.apache.kafka.tools.ClientMetricsCommand',
} as const

export type Tool = keyof typeof TOOLS

/** One command that is run against Kafka and against Varve, in this order among the others. */
export interface ToolCase {
  readonly tool: Tool
  /** Between blanks; `{folder}` is a folder for files. `--bootstrap-server` is added where `{at}` is, or at the end. */
  readonly args: string
  readonly input?: string
  /** A file that is written into `{folder}` before. */
  readonly file?: { readonly name: string; readonly content: string }
  /**
   * What counts. `lines` (without): all that is printed, with ids, times and addresses replaced. `set`: the same lines in any order.
   * `errors`: the exit code and the names of the errors, for their sentences are our own. `end`: the exit code alone.
   */
  readonly compares?: 'lines' | 'set' | 'errors' | 'end'
  /** Lines that no comparison looks at. */
  readonly without?: RegExp
  /** What is replaced by `*` before lines are compared, beside ids, times and addresses. */
  readonly hides?: RegExp
  /** Why the two say different things; then they have to. */
  readonly differs?: string
  /** What `without` leaves aside, where that is a difference and no accident. */
  readonly apart?: string
  readonly withinMs?: number
}
