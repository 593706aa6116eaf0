import type { Admin, DescribedTopic } from '@varve/client'
import type { Command } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { type ConnectOptions, connect, connectOptions } from '../connect.ts'
import { type PartitionRange, partitionRanges } from '../partition-ranges.ts'
import { type PrintOptions, print, printOptions } from '../print.ts'
import { table } from '../table.ts'

interface Options extends ConnectOptions, PrintOptions {
  readonly topics: readonly string[] | undefined
}

/** `varve topics describe` */
export const topicsDescribe: Command<Options> = {
  options: yargs =>
    printOptions(connectOptions(yargs))
      .positional('topics', {
        type: 'string',
        array: true,
        describe: 'Their names  [default: all but internal ones]',
      })
      .example('$0 topics describe orders', '')
      .example("$0 topics describe orders --json | jq '.[].partitions[].endOffset'", ''),

  async run(options, terminal) {
    const varve = await connect(options, terminal)
    await using admin = varve.admin()
    const topics = await admin.describeTopics(await namesOf(admin, options.topics ?? []))
    const found = topics.filter(topic => topic.error === undefined)
    const ranges = await partitionRanges(admin, found)
    const settings = await ownSettings(admin, found)
    await print(options, terminal, {
      data: found.map(topic => asData(topic, ranges, settings)),
      text: () =>
        topics.length === 0
          ? 'There are no topics.\n'
          : found.map(topic => asText(topic, ranges, settings)).join('\n'),
    })
    const failed = topics.flatMap(topic => topic.error?.message ?? [])
    if (failed.length > 0) throw new CommandError(failed.join('; '))
  },
}

async function namesOf(admin: Admin, names: readonly string[]): Promise<readonly string[]> {
  if (names.length > 0) return names
  return (await admin.listTopics()).filter(topic => !topic.isInternal).map(topic => topic.name)
}

type Settings = ReadonlyMap<string, { readonly [name: string]: string | null }>

/** The settings that topics have of their own, by topic. */
async function ownSettings(admin: Admin, topics: readonly DescribedTopic[]): Promise<Settings> {
  if (topics.length === 0) return new Map()
  const described = await admin.describeConfigs(topics.map(({ name }) => ({ type: 'topic', name })))
  return new Map(
    described.map(({ name, configs }) => {
      const own = configs.filter(config => config.source === 'topic')
      return [name, Object.fromEntries(own.map(config => [config.name, config.value]))]
    }),
  )
}

function rangeOf(ranges: readonly PartitionRange[], topic: string, partition: number) {
  return ranges.find(range => range.topic === topic && range.partition === partition)
}

function asData(topic: DescribedTopic, ranges: readonly PartitionRange[], settings: Settings) {
  const { name, topicId, isInternal } = topic
  const partitions = topic.partitions.map(({ error, ...partition }) => {
    const range = rangeOf(ranges, name, partition.partition)
    return {
      ...partition,
      error: error?.code ?? null,
      startOffset: range?.startOffset ?? null,
      endOffset: range?.endOffset ?? null,
    }
  })
  return { name, topicId, isInternal, settings: settings.get(name) ?? {}, partitions }
}

function asText(
  topic: DescribedTopic,
  ranges: readonly PartitionRange[],
  settings: Settings,
): string {
  const own = Object.entries(settings.get(topic.name) ?? {}).map(
    ([name, value]) => `${name}=${value}`,
  )
  const rows = topic.partitions.map(partition => {
    const range = rangeOf(ranges, topic.name, partition.partition)
    return [
      partition.partition,
      partition.leaderId < 0 ? 'none' : String(partition.leaderId),
      partition.leaderEpoch,
      partition.replicas.join(','),
      partition.inSyncReplicas.join(','),
      range?.startOffset ?? '?',
      range?.endOffset ?? '?',
    ]
  })
  return [
    `${topic.name}  (${topic.topicId})\n`,
    own.length === 0 ? '' : `settings: ${own.join(' ')}\n`,
    table(['PARTITION', 'LEADER', 'EPOCH', 'REPLICAS', 'IN SYNC', 'FROM', 'TO'], rows),
  ].join('')
}
