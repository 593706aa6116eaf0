import type { ToolCase } from './tool-case.ts'

const refused = { compares: 'errors' } as const
const lines = Array.from({ length: 20 }, (_, index) => `key-${index}:value ${index}`)

const offsets = (args: string, more: Partial<ToolCase> = {}): ToolCase => ({
  tool: 'kafka-get-offsets',
  args,
  ...more,
})

/** Long enough for a loaded machine; only one that finds nothing to read waits for it. */
const PATIENCE = '--timeout-ms 20000'

const consume = (args: string, more: Partial<ToolCase> = {}): ToolCase => ({
  tool: 'kafka-console-consumer',
  args: args.includes('--timeout-ms') ? args : `${args} ${PATIENCE}`,
  // Partitions are read in the order in which they come.
  compares: 'set',
  ...more,
})

const PROPERTIES = [
  'print.key=true',
  'print.partition=true',
  'print.offset=true',
  'print.headers=true',
].map(property => `--formatter-property ${property}`)

const deletion = (offset: number, partition = 0) => ({
  name: 'delete.json',
  content: JSON.stringify({ partitions: [{ topic: 'orders', partition, offset }], version: 1 }),
})

export const recordCases: readonly ToolCase[] = [
  {
    tool: 'kafka-console-producer',
    args: '--topic orders --reader-property parse.key=true --reader-property key.separator=:',
    input: lines.join('\n'),
  },
  {
    tool: 'kafka-console-producer',
    args: '--topic clicks --compression-codec zstd --reader-property parse.headers=true --request-required-acks all',
    input: 'h1:v1,h2:v2\tfirst\nh1:v1\tsecond\n',
  },
  { tool: 'kafka-console-producer', args: '--topic a/b', input: 'x\n', ...refused },
  consume(`--topic orders --from-beginning --max-messages 20 --group one ${PROPERTIES.join(' ')}`),
  consume(`--topic clicks --from-beginning --max-messages 2 --group two ${PROPERTIES.join(' ')}`),
  consume('--topic orders --partition 0 --offset 1 --max-messages 1'),
  consume('--topic orders --from-beginning --max-messages 20 --group billing'),
  consume('--topic orders --group billing --max-messages 1 --timeout-ms 3000'),
  consume(
    '--topic orders --from-beginning --max-messages 5 --group modern --consumer-property group.protocol=consumer',
    { compares: 'end' },
  ),
  offsets('--topic orders'),
  offsets('--topic orders --time earliest'),
  offsets('--topic orders --time max-timestamp', { compares: 'end' }),
  offsets('--topic orders --time 0'),
  offsets('--topic orders --time latest-tiered'),
  offsets('--topic orders --time earliest-local'),
  offsets('--topic-partitions orders:0-2'),
  offsets('--topic missing', refused),
  {
    tool: 'kafka-delete-records',
    args: '--offset-json-file {folder}/delete.json',
    file: deletion(1),
  },
  {
    tool: 'kafka-delete-records',
    args: '--offset-json-file {folder}/delete.json',
    file: deletion(9999),
    ...refused,
  },
  offsets('--topic orders --time earliest'),
  { tool: 'kafka-log-dirs', args: '--describe --topic-list orders', without: /^\{/ },
  {
    tool: 'kafka-log-dirs',
    args: '--describe --broker-list 1 --topic-list missing',
    without: /^\{/,
  },
  { tool: 'kafka-log-dirs', args: '--describe --broker-list 9', ...refused },
  {
    tool: 'kafka-verifiable-producer',
    args: '--topic clicks --max-messages 10 --acks -1',
    without: /startup_complete|shutdown_complete|tool_data|producer_send_success/,
  },
  {
    tool: 'kafka-verifiable-consumer',
    args: '--topic clicks --group-id verifiable --max-messages 5 --reset-policy earliest',
    // It runs until it is told to end; what counts is what it read.
    compares: 'set',
    without: /^(?!.*records_consumed)/,
    withinMs: 8000,
  },
  {
    tool: 'kafka-producer-perf-test',
    args: '--topic clicks --num-records 500 --record-size 100 --throughput -1',
    compares: 'end',
  },
  {
    tool: 'kafka-consumer-perf-test',
    args: '--topic clicks --num-records 400 --group perf --timeout 10000',
    compares: 'end',
  },
  {
    tool: 'kafka-producer-perf-test',
    args: '--topic clicks --num-records 100 --record-size 50 --throughput -1 --transactional-id payments --transaction-duration-ms 60000',
    compares: 'end',
  },
  {
    tool: 'kafka-e2e-latency',
    args: '--topic clicks --num-records 20 --producer-acks 1 --record-size 30',
    compares: 'end',
  },
  consume(
    '--topic clicks --from-beginning --isolation-level read_committed --group three --max-messages 2',
  ),
  offsets('--exclude-internal-topics'),
]
