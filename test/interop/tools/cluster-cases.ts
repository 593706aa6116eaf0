import type { ToolCase } from './tool-case.ts'

const refused = { compares: 'errors' } as const

const cluster = (args: string, more: Partial<ToolCase> = {}): ToolCase => ({
  tool: 'kafka-cluster',
  args: args.includes('{at}') ? args : `${args} {at}`,
  ...more,
})
const features = (args: string, more: Partial<ToolCase> = {}): ToolCase => ({
  tool: 'kafka-features',
  args: `{at} ${args}`,
  ...more,
})
const FEATURES = {
  compares: 'set',
  without: /eligible\.leader|kraft\.version|share\.version|streams\.version/,
  hides: /Epoch: \d+/g,
  apart:
    'Varve has no replicas to choose leaders from, fixed voters, and neither share nor streams groups yet: it has no such features.',
} as const
const quorum = (args: string, more: Partial<ToolCase> = {}): ToolCase => ({
  tool: 'kafka-metadata-quorum',
  args: `{at} ${args}`,
  ...more,
})
const election = (args: string, more: Partial<ToolCase> = {}): ToolCase => ({
  tool: 'kafka-leader-election',
  args,
  ...more,
})
const reassign = (args: string, more: Partial<ToolCase> = {}): ToolCase => ({
  tool: 'kafka-reassign-partitions',
  args,
  ...more,
})
const acls = (args: string, more: Partial<ToolCase> = {}): ToolCase => ({
  tool: 'kafka-acls',
  args,
  ...refused,
  ...more,
})
const tokens = (args: string, more: Partial<ToolCase> = {}): ToolCase => ({
  tool: 'kafka-delegation-tokens',
  differs:
    'Kafka answers that tokens are not for this listener (64), Varve that it has none (61): no other listener would help.',
  args: `${args} --command-config {folder}/client.properties`,
  file: { name: 'client.properties', content: 'request.timeout.ms=5000\n' },
  ...refused,
  ...more,
})

const planOf = (replicas: readonly number[]) => ({
  name: 'plan.json',
  content: JSON.stringify({
    version: 1,
    partitions: [{ topic: 'orders', partition: 0, replicas }],
  }),
})
const PLAN = '--reassignment-json-file {folder}/plan.json'
const topicsFile = {
  name: 'topics.json',
  content: JSON.stringify({ version: 1, topics: [{ topic: 'clicks' }] }),
}

export const clusterCases: readonly ToolCase[] = [
  cluster('cluster-id'),
  cluster('list-endpoints', { compares: 'set' }),
  cluster('unregister --id 9', refused),
  {
    tool: 'kafka-broker-api-versions',
    args: '',
    without: /UNSUPPORTED|Sasl|Share|Streams/,
    apart:
      'Varve does not offer SASL, share groups and streams groups yet, and never what brokers ask each other of share groups.',
  },
  features('describe', FEATURES),
  features('upgrade --feature group.version=1 --dry-run', refused),
  features('upgrade --feature group.version=9', refused),
  features('upgrade --feature no.such=1', refused),
  features('downgrade --feature group.version=0 --dry-run'),
  features('downgrade --feature transaction.version=1 --dry-run'),
  features('downgrade --metadata 3.3 --dry-run', refused),
  features('downgrade --feature group.version=0'),
  features('describe', FEATURES),
  features('upgrade --feature group.version=1'),
  features('upgrade --release-version 4.2 --dry-run', {
    ...refused,
    differs: 'Release 4.2 has features that Varve has not (share and streams groups, see above).',
  }),
  features('version-mapping --release-version 4.2'),
  quorum('describe --status', {
    compares: 'set',
    without: /^HighWatermark|^CurrentVoters/,
    apart:
      'Varve has no listener for controllers: as the address of the only voter it tells the one that the client came by.',
  }),
  // How long the metadata log is.
  quorum('describe --replication', { hides: /(?<=<id> )\d+/g }),
  quorum('describe --replication --human-readable', { compares: 'end' }),
  quorum(
    'remove-controller --controller-id 1 --controller-directory-id AAAAAAAAAAAAAAAAAAAAAQ',
    refused,
  ),
  election('--election-type preferred --topic orders --partition 0'),
  election('--election-type unclean --topic orders --partition 0'),
  election('--election-type preferred --all-topic-partitions'),
  election('--election-type preferred --topic missing --partition 0', refused),
  reassign('--list'),
  reassign(`--execute ${PLAN}`, { file: planOf([1]) }),
  reassign(`--verify ${PLAN}`, { file: planOf([1]) }),
  reassign(`--cancel ${PLAN}`, { file: planOf([1]) }),
  reassign(`--execute ${PLAN}`, { file: planOf([7]), ...refused }),
  reassign('--generate --topics-to-move-json-file {folder}/topics.json --broker-list 1', {
    file: topicsFile,
  }),
  acls('--list'),
  acls('--add --allow-principal User:alice --operation Read --topic orders'),
  acls('--remove --allow-principal User:alice --operation Read --topic orders --force'),
  tokens('--create --max-life-time-period -1'),
  tokens('--describe'),
  tokens('--renew --renew-time-period -1 --hmac AAAA'),
  tokens('--expire --expiry-time-period -1 --hmac AAAA'),
]
