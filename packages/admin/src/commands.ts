import { lazyCommand, noun, type Register } from './command.ts'

/** All commands, in the order in which the help lists them. */
export const commands: readonly Register[] = [
  lazyCommand(
    'start',
    'Start a broker in the foreground',
    async () => (await import('./commands/start.ts')).start,
  ),
  noun('topics', 'Create, list, describe, change and delete topics', [
    lazyCommand(
      'create <topic>',
      'Create a topic',
      async () => (await import('./commands/topics-create.ts')).topicsCreate,
    ),
    lazyCommand(
      'list',
      'List the topics',
      async () => (await import('./commands/topics-list.ts')).topicsList,
    ),
    lazyCommand(
      'describe [topics..]',
      'Show partitions, leaders, offsets and settings of topics',
      async () => (await import('./commands/topics-describe.ts')).topicsDescribe,
    ),
    lazyCommand(
      'alter <topic> [settings..]',
      'Change settings of a topic',
      async () => (await import('./commands/topics-alter.ts')).topicsAlter,
    ),
    lazyCommand(
      'add-partitions <topic>',
      'Give a topic more partitions',
      async () => (await import('./commands/topics-add-partitions.ts')).topicsAddPartitions,
    ),
    lazyCommand(
      'delete <topics..>',
      'Delete topics with all their records',
      async () => (await import('./commands/topics-delete.ts')).topicsDelete,
    ),
  ]),
  noun('groups', 'Show groups of consumers, and move their offsets', [
    lazyCommand(
      'list',
      'List the groups',
      async () => (await import('./commands/groups-list.ts')).groupsList,
    ),
    lazyCommand(
      'describe [groups..]',
      'Show how far groups have come, and who reads what',
      async () => (await import('./commands/groups-describe.ts')).groupsDescribe,
    ),
    lazyCommand(
      'members <group>',
      'Show the members of a group, or take some out',
      async () => (await import('./commands/groups-members.ts')).groupsMembers,
    ),
    lazyCommand(
      'reset-offsets [groups..]',
      'Move groups to other offsets, to read again or to skip',
      async () => (await import('./commands/groups-reset-offsets.ts')).groupsResetOffsets,
    ),
    lazyCommand(
      'delete-offsets <group>',
      'Forget what a group has committed of topics',
      async () => (await import('./commands/groups-delete-offsets.ts')).groupsDeleteOffsets,
    ),
    lazyCommand(
      'delete <groups..>',
      'Delete groups with all that they committed',
      async () => (await import('./commands/groups-delete.ts')).groupsDelete,
    ),
  ]),
  noun('transactions', 'Show transactions, and abort those that hang', [
    lazyCommand(
      'list',
      'List the transactional ids and how their transactions stand',
      async () => (await import('./commands/transactions-list.ts')).transactionsList,
    ),
    lazyCommand(
      'describe <ids..>',
      'Show since when transactions are open, and where',
      async () => (await import('./commands/transactions-describe.ts')).transactionsDescribe,
    ),
    lazyCommand(
      'find-hanging [topics..]',
      'Find transactions that no coordinator will end',
      async () => (await import('./commands/transactions-find-hanging.ts')).transactionsFindHanging,
    ),
    lazyCommand(
      'abort [ids..]',
      'Abort open transactions, and fence their producers',
      async () => (await import('./commands/transactions-abort.ts')).transactionsAbort,
    ),
  ]),
  noun('producers', 'Show who writes to topics', [
    lazyCommand(
      'describe <topics..>',
      'Show the producers that partitions know, and what they have open there',
      async () => (await import('./commands/producers-describe.ts')).producersDescribe,
    ),
  ]),
  noun('configs', 'Show and change settings of topics and brokers', [
    lazyCommand(
      'describe <type> [name]',
      'Show settings and where they come from',
      async () => (await import('./commands/configs-describe.ts')).configsDescribe,
    ),
    lazyCommand(
      'set <type> <name> [settings..]',
      'Change settings',
      async () => (await import('./commands/configs-set.ts')).configsSet,
    ),
  ]),
  noun('log', 'Look at the files of a data folder, without a broker', [
    lazyCommand(
      'dump <files..>',
      'Print what is in logs, indexes, snapshots, checkpoints and the journal',
      async () => (await import('./commands/log-dump.ts')).logDump,
    ),
    lazyCommand(
      'verify [logs..]',
      'Verify logs, and the files beside them against the logs',
      async () => (await import('./commands/log-verify.ts')).logVerify,
    ),
  ]),
  lazyCommand(
    'produce <topic>',
    'Write records: a line each, or JSON lines',
    async () => (await import('./commands/produce.ts')).produce,
  ),
  lazyCommand(
    'consume <topic>',
    'Read records: a line each, or JSON lines',
    async () => (await import('./commands/consume.ts')).consume,
  ),
]
