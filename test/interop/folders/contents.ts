/** All that a broker serves, in a form that can be compared: every record of every topic in both isolation levels, commits, settings. */
import type { ConsumerRecord, Varve } from '@varve/client'

/** By what it is about (`records of orders-0, read_committed`), lines of text. */
export type Contents = ReadonlyMap<string, readonly string[]>

const LEVELS = ['read_committed', 'read_uncommitted'] as const

/** Reads everything; the internal topics as far as they speak through the groups. */
export async function readContents(varve: Varve, groups: readonly string[]): Promise<Contents> {
  await using admin = varve.admin()
  const contents = new Map<string, string[]>()
  const topics = (await admin.listTopics())
    .map(({ name }) => name)
    .filter(isOurs)
    .sort()
  const described = await admin.describeTopics(topics)
  for (const { name: topic, topicId, partitions, error } of described) {
    if (error !== undefined) throw error
    contents.set(`topic ${topic}`, [`${topicId} with ${partitions.length} partitions`])
    for (const { partition } of partitions) {
      const offsets = await admin.listOffsets([
        { topic, partition, at: 'earliest' },
        { topic, partition, at: 'latest' },
      ])
      contents.set(
        `bounds of ${topic}-${partition}`,
        offsets.map(({ offset }) => String(offset)),
      )
    }
    for (const isolationLevel of LEVELS)
      for (const record of await readTopic(varve, topic, isolationLevel)) {
        const about = `records of ${topic}-${record.partition}, ${isolationLevel}`
        contents.set(about, [...(contents.get(about) ?? []), lineOf(record)])
      }
  }
  for (const { name: topic, configs, error } of await admin.describeConfigs(
    topics.map(name => ({ type: 'topic' as const, name })),
  )) {
    if (error !== undefined) throw error
    const own = configs.filter(({ source }) => source === 'topic')
    contents.set(`settings of ${topic}`, own.map(({ name, value }) => `${name}=${value}`).sort())
  }
  for (const group of await admin.groupOffsets(groups.map(groupId => ({ groupId })))) {
    if (group.error !== undefined) throw group.error
    const lines = group.offsets.map(
      ({ topic, partition, offset, leaderEpoch, metadata }) =>
        `${topic}-${partition} ${offset} in epoch ${leaderEpoch} ${metadata}`,
    )
    contents.set(`commits of ${group.groupId}`, lines.sort())
  }
  return contents
}

function isOurs(topic: string): boolean {
  return !topic.startsWith('__')
}

async function readTopic(
  varve: Varve,
  topic: string,
  isolationLevel: (typeof LEVELS)[number],
): Promise<ConsumerRecord[]> {
  await using consumer = varve.consumer({
    topics: [topic],
    startAt: 'earliest',
    stopAtEnd: true,
    isolationLevel,
  })
  const records: ConsumerRecord[] = []
  for await (const record of consumer) records.push(record)
  return records
}

function lineOf({ offset, timestamp, key, value, headers }: ConsumerRecord): string {
  const text = (bytes: Uint8Array | null): string =>
    bytes === null ? 'null' : Buffer.from(bytes).toString('base64')
  const more = headers.map(header => `${header.key}=${text(header.value)}`)
  return [offset, timestamp, text(key), text(value), ...more].join(' ')
}

/** The first difference between what was served before and after; undefined when there is none. */
export function contentsDifference(before: Contents, after: Contents): string | undefined {
  for (const [about, lines] of before) {
    const others = after.get(about)
    if (others === undefined) return `${about}: there is nothing any more`
    const at = lines.findIndex((line, index) => line !== others[index])
    if (at >= 0) return `${about}: ${others[at]} in place of ${lines[at]}`
    if (others.length > lines.length) return `${about}: ${others[lines.length]} too many`
  }
  for (const about of after.keys()) if (!before.has(about)) return `${about} was not there before`
  return undefined
}

/** How many records were compared, in one isolation level. */
export function recordsIn(contents: Contents): number {
  let count = 0
  for (const [about, lines] of contents)
    if (about.endsWith('read_uncommitted')) count += lines.length
  return count
}
