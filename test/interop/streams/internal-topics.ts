import type { DescribedConfig, Varve } from '@varve/client'
import { APPLICATION, PARTITIONS } from './streams-stage.ts'
import { countFaults } from './words.ts'

const CHANGELOG = `${APPLICATION}-counts-changelog`
const REPARTITION = `${APPLICATION}-words-repartition`

/** What Streams asks for when it makes these topics. */
const SETTINGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  [CHANGELOG]: { 'cleanup.policy': 'compact', 'message.timestamp.type': 'CreateTime' },
  [REPARTITION]: {
    'cleanup.policy': 'delete',
    'retention.ms': '-1',
    'segment.bytes': '52428800',
    'message.timestamp.type': 'CreateTime',
  },
}

/** The topics that Streams made for itself: partitions, settings, what the changelog says, and that used records were deleted. */
export async function internalTopicFaults(
  varve: Varve,
  expected: ReadonlyMap<string, number>,
): Promise<string[]> {
  await using admin = varve.admin()
  const names = Object.keys(SETTINGS)
  const topics = await admin.describeTopics(names)
  const configs = await admin.describeConfigs(names.map(name => ({ type: 'topic', name })))
  return [
    ...topics
      .filter(({ partitions }) => partitions.length !== PARTITIONS)
      .map(({ name, partitions }) => `${name} has ${partitions.length} partitions`),
    ...configs.flatMap(({ name, configs }) => settingFaults(name, configs)),
    ...(await changelogFaults(varve, expected)),
    ...(await purgeFaults(varve)),
  ]
}

function settingFaults(topic: string, found: readonly DescribedConfig[]): string[] {
  return Object.entries(SETTINGS[topic] ?? {}).flatMap(([name, wanted]) => {
    const config = found.find(each => each.name === name)
    return config?.value === wanted && config.source === 'topic'
      ? []
      : [`${topic}: ${name} is ${config?.value} from ${config?.source}, not ${wanted}`]
  })
}

async function changelogFaults(
  varve: Varve,
  expected: ReadonlyMap<string, number>,
): Promise<string[]> {
  await using consumer = varve.consumer({
    topics: [CHANGELOG],
    startAt: 'earliest',
    isolationLevel: 'read_committed',
    stopAtEnd: true,
  })
  const counts = new Map<string, number>()
  for await (const { key, value } of consumer)
    counts.set(key?.toString() ?? '', Number(value?.readBigInt64BE()))
  return countFaults(expected, counts).map(fault => `${CHANGELOG}: ${fault}`)
}

/** Streams deletes what it has read of a repartition topic, with DeleteRecords. */
async function purgeFaults(varve: Varve): Promise<string[]> {
  await using admin = varve.admin()
  const found = await admin.listOffsets(
    Array.from({ length: PARTITIONS }, (_, partition) => ({
      ...{ topic: REPARTITION, partition, at: 'earliest' as const },
    })),
  )
  const kept = found.filter(({ offset }) => offset === 0)
  return kept.map(({ partition }) => `${REPARTITION}-${partition} has every record still`)
}
