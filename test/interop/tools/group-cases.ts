import type { ToolCase } from './tool-case.ts'

const refused = { compares: 'errors' } as const
const NO_SUCH_GROUPS =
  'Varve has neither share nor streams groups yet, and does not offer their APIs: the tools say that the broker is too old.'
const groups = (args: string, more: Partial<ToolCase> = {}): ToolCase => ({
  tool: 'kafka-consumer-groups',
  args,
  compares: 'set',
  ...more,
})
const transactions = (args: string, more: Partial<ToolCase> = {}): ToolCase => ({
  tool: 'kafka-transactions',
  args: `{at} ${args}`,
  ...more,
})

export const groupCases: readonly ToolCase[] = [
  groups('--list'),
  groups('--list --state'),
  groups('--list --type classic'),
  groups('--describe --group billing'),
  groups('--describe --group billing --offsets --verbose'),
  groups('--describe --group billing --state'),
  groups('--describe --group billing --members --verbose'),
  groups('--describe --group modern --state'),
  groups('--describe --group missing', refused),
  groups('--describe --all-groups --state'),
  groups('--reset-offsets --group billing --topic orders:0 --to-earliest --dry-run'),
  groups('--reset-offsets --group billing --topic orders --shift-by -1 --execute'),
  groups('--reset-offsets --group billing --topic missing --to-earliest --execute', refused),
  groups('--delete-offsets --group billing --topic orders'),
  groups('--delete-offsets --group missing --topic orders', refused),
  groups('--delete --group perf'),
  groups('--delete --group missing', refused),
  { tool: 'kafka-groups', args: '--list', compares: 'set' },
  { tool: 'kafka-groups', args: '--list --group-type consumer', compares: 'set' },
  // Producer ids and epochs are accidents, and so is which partition keeps the groups.
  // Which producer id was next is an accident, and so is how long it took.
  transactions('list', { hides: /(?<=payments\s+\d+\s+)\d+/g }),
  transactions('describe --transactional-id payments', {
    hides: /(?<=payments\s+)\d+|\d+(?=\s+clicks-0)/g,
  }),
  transactions('describe --transactional-id missing', refused),
  // Which producer id was next is an accident.
  transactions('describe-producers --topic orders --partition 0', { hides: /^\d+ /gm }),
  transactions('find-hanging --broker-id 1'),
  { tool: 'kafka-share-groups', args: '--list' },
  { tool: 'kafka-streams-groups', args: '--list' },
  {
    tool: 'kafka-share-groups',
    args: '--describe --group missing',
    ...refused,
    differs: NO_SUCH_GROUPS,
  },
  {
    tool: 'kafka-streams-groups',
    args: '--describe --group missing',
    ...refused,
    differs: NO_SUCH_GROUPS,
  },
]
