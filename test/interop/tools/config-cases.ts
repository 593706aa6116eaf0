import type { ToolCase } from './tool-case.ts'

const configs = (args: string, more: Partial<ToolCase> = {}): ToolCase => ({
  tool: 'kafka-configs',
  args,
  ...more,
})

const refused = { compares: 'errors' } as const
const alter = (entity: string, what: string, more: Partial<ToolCase> = {}): ToolCase =>
  configs(`--alter ${entity} ${what}`, more)
const describe = (entity: string, more: Partial<ToolCase> = {}): ToolCase =>
  configs(`--describe ${entity}`, { compares: 'set', ...more })

const TOPIC = '--entity-type topics --entity-name orders'
const BROKER = '--entity-type brokers --entity-name 1'
const BROKERS = '--entity-type brokers --entity-default'

const CONFIG_ERROR =
  'For a wrong value of a broker or of client metrics Kafka answers INVALID_REQUEST, for one of a topic INVALID_CONFIG; Varve answers INVALID_CONFIG to all.'
const ARE_OURS = "Varve's own settings are told beside Kafka's."
const OWN_SETTINGS =
  /^ +(flush\.mode|max\.decompressed\.message\.bytes|produce\.batch\.validation)=/
const STANDS_ALONE =
  'The settings that a broker of one node has otherwise are told as they are: its own, those about controllers, folders and listeners, and copies that default to one.'
const STANDALONE = new RegExp(
  `^ +(${[
    'broker\\.(inflight|partitions)\\..+',
    'connection\\.inflight\\..+',
    'controller\\.(listener\\.names|quorum\\.voters)',
    'fetch\\.max\\.wait\\.max\\.ms|flush\\.mode|journal\\..+|listeners',
    'log\\.(dirs?|open\\.files\\.max|scrub\\..+|tail\\.cache\\.bytes)',
    'max\\.decompressed\\.message\\.bytes|node\\.id|broker\\.id|process\\.roles',
    'produce\\.batch\\.validation|producer\\.ids\\.max|request\\.read\\.timeout\\.ms',
    'topic\\.partitions\\.max|group\\.initial\\.rebalance\\.delay\\.ms',
    '(offsets\\.topic|transaction\\.state\\.log|share\\.coordinator\\.state\\.topic)\\.(replication\\.factor|min\\.isr)',
    '(follower|leader)\\.replication\\.throttled\\.rate',
    'replica\\.alter\\.log\\.dirs\\.io\\.max\\.bytes\\.per\\.second',
  ].join('|')})=`,
)

const ofTopics: readonly ToolCase[] = [
  describe(TOPIC),
  describe(`${TOPIC} --all`, { without: OWN_SETTINGS, apart: ARE_OURS }),
  alter(TOPIC, '--add-config segment.ms=60000,cleanup.policy=[compact,delete]'),
  describe(TOPIC),
  alter(TOPIC, '--delete-config segment.ms,cleanup.policy'),
  describe(TOPIC),
  alter(TOPIC, '--add-config retention.ms=soon', refused),
  alter(TOPIC, '--add-config no.such=1', refused),
  alter(TOPIC, '--delete-config segment.ms', refused),
  alter('--entity-type topics --entity-name missing', '--add-config segment.ms=1', refused),
  describe('--entity-type topics --entity-name missing', refused),
  describe('--entity-type topics'),
]

const ofBrokers: readonly ToolCase[] = [
  describe(BROKER),
  describe(`${BROKER} --all`, { without: STANDALONE, apart: STANDS_ALONE }),
  alter(BROKER, '--add-config log.retention.ms=7200000'),
  alter(BROKERS, '--add-config message.max.bytes=2000000'),
  describe(BROKER),
  describe(BROKERS),
  alter(BROKER, '--delete-config log.retention.ms'),
  alter(BROKERS, '--delete-config message.max.bytes'),
  describe(BROKERS),
  alter(BROKER, '--add-config broker.id=7', { ...refused, differs: CONFIG_ERROR }),
  alter(BROKER, '--add-config log.retention.ms=soon', { ...refused, differs: CONFIG_ERROR }),
  alter(BROKER, '--add-config no.such=1', {
    ...refused,
    differs:
      'Kafka keeps a setting of a broker that it does not know; Varve says that there is none.',
  }),
  describe('--entity-type brokers --entity-name 9', refused),
  describe('--entity-type broker-loggers --entity-name 1', { compares: 'end' }),
  alter('--entity-type broker-loggers --entity-name 1', '--add-config no.such=DEBUG', refused),
]

const QUOTAS = 'producer_byte_rate=1024,request_percentage=50.5'

const ofClients: readonly ToolCase[] = [
  alter('--entity-type users --entity-name alice', `--add-config ${QUOTAS}`),
  alter('--entity-type users --entity-default', '--add-config consumer_byte_rate=2048'),
  alter('--entity-type clients --entity-name app', '--add-config controller_mutation_rate=5'),
  alter(
    '--entity-type users --entity-name alice --entity-type clients --entity-name app',
    `--add-config ${QUOTAS}`,
  ),
  alter('--entity-type ips --entity-name 10.0.0.1', '--add-config connection_creation_rate=9'),
  describe('--entity-type users'),
  describe('--entity-type users --entity-name alice'),
  describe('--entity-type users --entity-default'),
  describe('--entity-type users --entity-type clients'),
  describe('--entity-type clients'),
  describe('--entity-type ips'),
  alter('--entity-type users --entity-name alice', '--delete-config request_percentage'),
  describe('--entity-type users --entity-name alice'),
  alter('--entity-type users --entity-name alice', '--add-config producer_byte_rate=0', refused),
  alter('--entity-type users --entity-name alice', '--add-config no_such=1', refused),
  alter(
    '--entity-type ips --entity-name not/one',
    '--add-config connection_creation_rate=9',
    refused,
  ),
  alter(
    '--entity-type users --entity-name alice',
    '--add-config SCRAM-SHA-256=[iterations=8192,password=secret],SCRAM-SHA-512=[password=secret]',
    refused,
  ),
  alter(
    '--entity-type users --entity-name alice',
    '--add-config SCRAM-SHA-256=[iterations=8192,password=secret]',
  ),
  alter('--entity-type users --entity-name alice', '--add-config SCRAM-SHA-512=[password=secret]'),
  // Which of the two comes first is an accident.
  describe('--entity-type users --entity-name alice', {
    hides: /SCRAM-SHA-256=iterations=8192|SCRAM-SHA-512=iterations=4096/g,
  }),
  alter('--entity-type users --entity-name alice', '--delete-config SCRAM-SHA-256'),
  alter('--entity-type users --entity-name bob', '--delete-config SCRAM-SHA-256', refused),
  alter(
    '--entity-type users --entity-name bob',
    '--add-config SCRAM-SHA-256=[iterations=1,password=x]',
    refused,
  ),
  describe('--entity-type users'),
]

const GROUP = '--entity-type groups --entity-name billing'
const METRICS = '--entity-type client-metrics --entity-name all'

const ofOthers: readonly ToolCase[] = [
  describe(GROUP),
  alter(GROUP, '--add-config consumer.session.timeout.ms=50000'),
  describe(GROUP),
  alter(GROUP, '--add-config consumer.session.timeout.ms=1', refused),
  alter(GROUP, '--delete-config consumer.session.timeout.ms'),
  alter(METRICS, '--add-config interval.ms=1000,metrics=*'),
  describe(METRICS),
  alter(METRICS, '--add-config interval.ms=1', { ...refused, differs: CONFIG_ERROR }),
  alter(METRICS, '--add-config no.such=1', { ...refused, differs: CONFIG_ERROR }),
  { tool: 'kafka-client-metrics', args: '--list' },
  { tool: 'kafka-client-metrics', args: '--describe --name all', compares: 'set' },
  {
    tool: 'kafka-client-metrics',
    args: '--alter --name some --interval 5000 --match client_id=a.*',
  },
  { tool: 'kafka-client-metrics', args: '--describe', compares: 'set' },
  { tool: 'kafka-client-metrics', args: '--alter --name some --match who=a', ...refused },
  { tool: 'kafka-client-metrics', args: '--delete --name some' },
  { tool: 'kafka-client-metrics', args: '--delete --name all' },
  { tool: 'kafka-client-metrics', args: '--list' },
]

export const configCases: readonly ToolCase[] = [
  ...ofTopics,
  ...ofBrokers,
  ...ofClients,
  ...ofOthers,
]
