import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBroker } from '@varve/broker'
import { Varve } from '@varve/client'
import { crc32c } from '@varve/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { imageOfFolder, putInFolder } from '../support/folder-image.ts'
import { kafkaFolder } from '../support/kafka-folder.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function folderOf(kind: 'killed' | 'stopped', without: RegExp = /^$/): string {
  const folder = mkdtempSync(join(tmpdir(), 'varve-adopt-'))
  folders.push(folder)
  const files = [...kafkaFolder(kind)].filter(([name]) => !without.test(name))
  putInFolder(folder, new Map(files))
  return folder
}

/** What lies in the folder, in short. */
function fingerprints(folder: string): Record<string, number> {
  return Object.fromEntries(
    [...imageOfFolder(folder)].map(([name, bytes]) => [name, crc32c(bytes, 0, bytes.length)]),
  )
}

/** What the folder serves: each topic's records, and what groups have committed. */
async function served(directory: string, settings: { [name: string]: string | number } = {}) {
  await using broker = await startBroker({ directory, foreignLogs: 'adopt', settings })
  const varve = new Varve({ brokers: [broker.address] })
  await using admin = varve.admin()
  const records: Record<string, string[]> = {}
  for (const topic of ['orders', 'users', 'transfers']) {
    await using consumer = varve.consumer({
      topics: [topic],
      startAt: 'earliest',
      stopAtEnd: true,
      isolationLevel: 'read_committed',
    })
    const lines: string[] = []
    for await (const { partition, offset, key, value } of consumer)
      lines.push(`${partition}:${offset} ${key} ${value}`)
    records[topic] = lines.sort()
  }
  const groups = await admin.groupOffsets([{ groupId: 'billing' }, { groupId: 'mover' }])
  const commits = groups.flatMap(({ offsets }) =>
    offsets.map(({ topic, partition, offset }) => `${topic}-${partition} ${offset}`),
  )
  const [topic] = await admin.describeTopics(['orders'])
  return { records, commits, topicId: topic?.topicId }
}

const RECORDS = {
  orders: ['0:2 k2 order 2', '0:3 k3 order 3', '0:4 k4 order 4', '1:0 null lone'],
  users: ['0:5 u2 user 5', '0:6 u0 user 6', '0:7 u1 null', '0:8 u2 user 8'],
  transfers: ['0:0 null commit'],
}

describe("Kafka's data folder", () => {
  for (const kind of ['stopped', 'killed'] as const) {
    it(`that was ${kind} is served on request, and is ours from then on`, async () => {
      const folder = folderOf(kind)
      const first = await served(folder)
      expect(first.records).toEqual(RECORDS)
      expect(first.commits).toEqual(['orders-1 1', 'orders-0 3'])
      await using again = await startBroker({ directory: folder })
      await using admin = new Varve({ brokers: [again.address] }).admin()
      const names = (await admin.listTopics()).map(({ name }) => name)
      expect(names.sort()).toEqual([
        '__consumer_offsets',
        '__transaction_state',
        'orders',
        'transfers',
        'users',
      ])
    })

    it(`that was ${kind} is left as it is without a request`, async () => {
      const folder = folderOf(kind)
      const before = fingerprints(folder)
      await expect(startBroker({ directory: folder })).rejects.toThrow(
        /was last used by Kafka \(cluster MkU3OEVBNTcwNTJENDM2Qg, node 1; 5 topics with 6 partitions, .*\): start with --adopt/,
      )
      expect(fingerprints(folder)).toEqual(before)
    })
  }

  it('of another node says which setting is wrong', async () => {
    const folder = folderOf('stopped')
    await expect(
      startBroker({ directory: folder, foreignLogs: 'adopt', settings: { 'node.id': 7 } }),
    ).rejects.toThrow('belongs to node 1, not to node 7; start with node.id=1 to use it.')
  })

  it('keeps settings, ids and what this version does not act on', async () => {
    const folder = folderOf('stopped')
    const warned: string[] = []
    const log = {
      error: () => undefined,
      warn: (message: string) => void warned.push(message),
      info: () => undefined,
      debug: () => undefined,
      with: () => log,
    }
    await using broker = await startBroker({ directory: folder, foreignLogs: 'adopt', log })
    await using admin = new Varve({ brokers: [broker.address] }).admin()
    const [users] = await admin.describeConfigs([{ type: 'topic', name: 'users' }])
    const own = users?.configs.filter(({ source }) => source === 'topic') ?? []
    expect(own.map(({ name, value }) => [name, value])).toContainEqual([
      'cleanup.policy',
      'compact',
    ])
    expect(warned).toEqual([
      "Kafka's metadata has 1 access control entries: they are kept, but this version of Varve does not enforce them.",
    ])
    expect(broker.clusterId).toBe('MkU3OEVBNTcwNTJENDM2Qg')
  })
})

describe('logs that no metadata knows', () => {
  const INTERNAL = {
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.num.partitions': 1,
  }

  it('become topics with the ids of their folders, on request', async () => {
    const { topicId } = await served(folderOf('stopped'))
    const folder = folderOf('stopped', /__cluster_metadata|bootstrap|gone/)
    await expect(startBroker({ directory: folder })).rejects.toThrow(
      /has logs but no metadata \(5 topics with 6 partitions, .*start with --adopt/,
    )
    const bare = await served(folder, INTERNAL)
    expect(bare.records).toEqual(RECORDS)
    expect(bare.commits).toEqual(['orders-1 1', 'orders-0 3'])
    expect(bare.topicId).toBe(topicId)
  })

  it('are not taken when it is not said how many partitions the groups had', async () => {
    const folder = folderOf('stopped', /__cluster_metadata|bootstrap|gone/)
    await expect(startBroker({ directory: folder, foreignLogs: 'adopt' })).rejects.toThrow(
      'there are 1 partitions of __consumer_offsets, and offsets.topic.num.partitions is 50',
    )
  })

  it('join the topics of a folder of ours, and are never deleted from before somebody says so', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'varve-adopt-'))
    folders.push(folder)
    await using first = await startBroker({ directory: folder })
    await using admin = new Varve({ brokers: [first.address] }).admin()
    await admin.createTopics([{ name: 'own', partitions: 1 }])
    await first.stop()
    const orders = [...kafkaFolder('killed')].filter(([name]) => name.startsWith('orders'))
    putInFolder(folder, new Map(orders))
    await using broker = await startBroker({ directory: folder, foreignLogs: 'adopt' })
    const varve = new Varve({ brokers: [broker.address] })
    await using after = varve.admin()
    expect((await after.listTopics()).map(({ name }) => name).sort()).toEqual(['orders', 'own'])
    const [configs] = await after.describeConfigs([{ type: 'topic', name: 'orders' }])
    expect(configs?.configs.find(({ name }) => name === 'retention.ms')?.value).toBe('-1')
  })
})
