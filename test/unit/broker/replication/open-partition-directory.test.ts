import { describe, expect, it } from 'vitest'
import { emptyImage, type MetadataImage } from '../../../../packages/broker/src/metadata/image.ts'
import type { Partition } from '../../../../packages/broker/src/replication/partition.ts'
import { DiskError } from '../../../../packages/broker/src/world.ts'
import { DiskImage } from '../../../support/disk-image.ts'
import { quietWorld, settle } from '../../../support/journal-world.ts'
import {
  append,
  batchOf,
  DATA,
  type HarnessOptions,
  imageOf,
  type LogHarness,
  openHarness,
  refusalOf,
  TOPIC_ID,
} from '../../../support/log-harness.ts'
import { imageWith, newTopic, topicIdOf } from '../../../support/metadata-image.ts'
import { ModelDisk } from '../../../support/model-disk.ts'
import { readValues } from '../../../support/read-log.ts'

const three = { partitions: 3 }
const LOG = '00000000000000000000.log'
const EPOCHS = 'leader-epoch-checkpoint'

/** A data folder with three partitions of one record each, stopped in order. */
async function stopped(options: HarnessOptions = three) {
  const disk = new ModelDisk(new DiskImage())
  const broker = await openHarness(quietWorld(disk), options)
  for (const index of [0, 1, 2]) append(broker.partition(index), { values: [`of ${index}`] })
  await broker.flush()
  await broker.close()
  return disk
}

/** What is read in the folders of partitions from now on. */
function readsOf(disk: ModelDisk): Set<string> {
  const read = new Set<string>()
  disk.fault = (call, path) => {
    if (call === 'read' && path.startsWith(`${DATA}/events-`)) read.add(path.slice(DATA.length + 1))
    return undefined
  }
  return read
}

const checkpointsOf = async (disk: ModelDisk) =>
  Promise.all(
    ['recovery-point', 'replication', 'log-start'].map(async kind =>
      String(await disk.readFile(`${DATA}/${kind}-offset-checkpoint`)),
    ),
  )

describe('a start after a clean stop', () => {
  it('looks at no log before somebody asks for it, and opens it in that call', async () => {
    const disk = await stopped()
    const read = readsOf(disk)
    const { directory } = await openHarness(quietWorld(disk), three)
    expect([read.size, [...directory.opened()].length, directory.count]).toEqual([0, 0, 3])
    expect(directory.getOpened(TOPIC_ID, 1)).toBeUndefined()
    const partition = directory.get(TOPIC_ID, 1)
    expect([partition?.logEndOffset, partition?.highWatermark]).toEqual([1, 1])
    expect([...read].every(path => path.startsWith('events-1/'))).toBe(true)
    expect(directory.getOpened(TOPIC_ID, 1)).toBe(partition)
    expect([[...directory.opened()].length, directory.count]).toEqual([1, 3])
    expect(directory.getByName('events', 2)?.logEndOffset).toBe(1)
  })

  it('opens the others little by little, and when somebody needs all of them', async () => {
    const disk = await stopped()
    const world = quietWorld(disk)
    const broker = await openHarness(world, three)
    world.clock.advance(100)
    expect([...broker.directory.opened()].length).toBe(3)
    await broker.close()
    const again = await openHarness(quietWorld(disk), three)
    await again.directory.openAll()
    expect([...again.directory.opened()].length).toBe(3)
  })

  it('leaves a log that nobody asked for as it was, also for the start after the next stop', async () => {
    const disk = await stopped()
    const before = await checkpointsOf(disk)
    for (let round = 0; round < 2; round++) {
      const read = readsOf(disk)
      await (await openHarness(quietWorld(disk), three)).close()
      expect(read.size).toBe(0)
      expect(await checkpointsOf(disk)).toEqual(before)
    }
    const broker = await openHarness(quietWorld(disk), three)
    append(broker.partition(1), { values: ['more'] })
    await broker.flush()
    await broker.close()
    expect((await checkpointsOf(disk))[0]).toBe('0\n3\nevents 1 2\nevents 0 1\nevents 2 1\n')
    const last = await openHarness(quietWorld(disk), three)
    const values = await readValues(last.partition(1))
    expect(values.map(({ value }) => value)).toEqual(['of 1', 'more'])
    expect(last.partition(2).logEndOffset).toBe(1)
  })

  it('opens a log with the settings and under the epoch that it has by then', async () => {
    const disk = await stopped()
    const options = { ...three, settings: { segmentBytes: 1_000 } }
    const { directory } = await openHarness(quietWorld(disk), options)
    options.settings.segmentBytes = 2_000
    directory.configureAll(imageOf(three))
    expect(directory.get(TOPIC_ID, 0)?.settings?.segmentBytes).toBe(2_000)
    await directory.applyImage(imageOf({ ...three, leaderEpoch: 4 }))
    expect([0, 1].map(index => directory.get(TOPIC_ID, index)?.leaderEpoch)).toEqual([4, 4])
  })

  it('deletes a topic whose logs nobody asked for', async () => {
    const disk = await stopped()
    const world = quietWorld(disk)
    const { directory } = await openHarness(world, three)
    const read = readsOf(disk)
    await directory.applyImage(emptyImage('cluster'))
    world.clock.advance(0)
    await settle()
    expect([...read].every(path => path.endsWith('partition.metadata'))).toBe(true)
    expect((await disk.list(DATA))?.filter(({ name }) => name.startsWith('events'))).toEqual([])
    expect(directory.count).toBe(0)
  })

  it('makes a partition of which there is no folder', async () => {
    const disk = await stopped()
    const { directory } = await openHarness(quietWorld(disk), { partitions: 4 })
    expect(directory.getOpened(TOPIC_ID, 3)?.logEndOffset).toBe(0)
  })

  it('opens the logs of internal topics at once', async () => {
    const image = (): MetadataImage => {
      const { topics } = imageOf(three)
      const topic = { ...topics.byId.get(TOPIC_ID), name: '__consumer_offsets' } as never
      return {
        ...emptyImage('cluster'),
        topics: {
          byId: new Map([[TOPIC_ID, topic]]),
          byName: new Map([['__consumer_offsets', topic]]),
        },
      }
    }
    const disk = new ModelDisk(new DiskImage())
    await (await openHarness(quietWorld(disk), { image: image() })).close()
    const { directory } = await openHarness(quietWorld(disk), { image: image() })
    expect([...directory.opened()].length).toBe(3)
  })

  it('does not trust what it has when a checkpoint is damaged', async () => {
    const disk = await stopped()
    await disk.writeFileAtomically(`${DATA}/recovery-point-offset-checkpoint`, Buffer.from('?'))
    const { directory } = await openHarness(quietWorld(disk), three)
    expect([...directory.opened()].map(({ logEndOffset }) => logEndOffset)).toEqual([1, 1, 1])
  })
})

describe('a log that is not as a clean stop left it', () => {
  it('is looked through when somebody asks for it, who comes again meanwhile', async () => {
    const disk = await stopped()
    await disk.remove(`${DATA}/events-1/00000000000000000000.timeindex`)
    const world = quietWorld(disk)
    const { directory } = await openHarness(world, three)
    const offline = directory.get(TOPIC_ID, 1)
    expect(offline?.isOffline).toBe(true)
    let told = 'nothing'
    offline?.whenCommitted(2, error => (told = error))
    await directory.openAll()
    expect([directory.get(TOPIC_ID, 1)?.logEndOffset, told]).toEqual([1, 'KAFKA_STORAGE_ERROR'])
    expect(offline?.hasEnded).toBe(true)
    expect(world.errors).toEqual([])
  })

  it('is offline with the same message as at a start when it has lost records, and the others are not', async () => {
    const disk = await stopped()
    disk.openNow(`${DATA}/events-1/${LOG}`, 'existing').truncateNow(10)
    const world = quietWorld(disk)
    const broker = await openHarness(world, three)
    expect(world.errors).toEqual([])
    await broker.directory.openAll()
    expect([0, 1, 2].map(index => broker.partition(index).isOffline)).toEqual([false, true, false])
    expect(world.errors).toEqual([
      'A log has lost durable records: its partition stays offline, its files are left as they are.',
      'A partition could not be loaded and stays offline.',
    ])
    await broker.close()
    expect(String(await disk.readFile(`${DATA}/events-1/damaged`))).toBe('durable 1\nfrom 1\n')
  })

  it('is offline when the disk fails, and tried again when files could not be opened', async () => {
    const disk = await stopped()
    const world = quietWorld(disk)
    const { directory } = await openHarness(world, three)
    const failing = new Map([
      ['events-1/', 'EIO'],
      ['events-2/', 'EMFILE'],
    ])
    disk.fault = (_, path) => [...failing].find(([folder]) => path.includes(folder))?.[1]
    await directory.openAll()
    expect([0, 1, 2].map(index => directory.get(TOPIC_ID, index)?.isOffline)).toEqual([
      ...[false, true, true],
    ])
    failing.clear()
    world.clock.advance(500)
    await settle()
    await directory.openAll()
    expect([1, 2].map(index => directory.get(TOPIC_ID, index)?.isOffline)).toEqual([true, false])
  })

  it('is no partition any more when the directory is closed', async () => {
    const broker = await openHarness(quietWorld(await stopped()), three)
    await broker.close()
    expect(broker.directory.get(TOPIC_ID, 0)).toBeUndefined()
  })
})

describe('a start after a crash', () => {
  it('looks at the end of a log that nobody wrote to, and through one that somebody did', async () => {
    const disk = await stopped()
    const broker = await openHarness(quietWorld(disk), three)
    append(broker.partition(1), { values: ['more'] })
    await broker.flush()
    const crashed = new ModelDisk(disk.imageAfter(disk.operations.length, () => 'kept'))
    const world = quietWorld(crashed)
    const { directory } = await openHarness(world, three)
    const synced = crashed.operations.flatMap(({ type, path }) => (type === 'sync' ? [path] : []))
    expect(synced.filter(path => path.endsWith(LOG))).toEqual([`${DATA}/events-1/${LOG}`])
    expect([...directory.opened()].map(({ logEndOffset }) => logEndOffset).toSorted()).toEqual([
      ...[1, 1, 2],
    ])
  })
})

describe('a start after a crash that cannot load a log', () => {
  /** Killed with a record of `events-1` in the journal, or, relaxed, in its segment alone. */
  async function crashed(flushMode: 'durable' | 'relaxed') {
    const options: HarnessOptions = { ...three, settings: { flushMode } }
    const disk = await stopped(options)
    const broker = await openHarness(quietWorld(disk), options)
    append(broker.partition(1), { values: ['more'] })
    await broker.flush()
    const image = disk.imageAfter(disk.operations.length, () => 'kept')
    const start = (fault: ModelDisk['fault']) => {
      const next = new ModelDisk(image)
      next.fault = fault
      const world = quietWorld(next)
      return { disk: next, world, opening: openHarness(world, options) }
    }
    return { start }
  }

  const OF_ONE = `${DATA}/events-1`
  const SHORT = 'A partition is offline for want of space or of file handles, until there is some.'

  it.each([
    ['durable', 'EMFILE', 'read', `/${EPOCHS}`],
    ['durable', 'ENFILE', 'read', `/${EPOCHS}`],
    ['relaxed', 'EMFILE', 'open', ''],
    ['relaxed', 'EMFILE', 'read', ''],
    ['relaxed', 'ENOSPC', 'write', ''],
  ] as const)('loads it, %s, when there is no %s at a %s any more', async (...given) => {
    const [mode, code, failing, file] = given
    const { start } = await crashed(mode)
    const { disk, world, opening } = start((call, path) =>
      call === failing && path.startsWith(`${OF_ONE}${file}`) ? code : undefined,
    )
    const broker = await opening
    const offline = broker.partition(1)
    expect([0, 1, 2].map(index => broker.partition(index).isOffline)).toEqual([false, true, false])
    expect(refusalOf(offline, batchOf({ values: ['early'] })).error).toBe('KAFKA_STORAGE_ERROR')
    for (let round = 0; round < 3; round++) {
      world.clock.advance(500)
      await settle()
      expect(broker.partition(1).isOffline).toBe(true)
    }
    expect(world.errors).toEqual([SHORT])
    disk.fault = () => undefined
    world.clock.advance(500)
    await settle()
    const values = await readValues(broker.partition(1))
    expect(values.map(({ value }) => value)).toEqual(['of 1', 'more'])
    expect(world.errors).toEqual([SHORT])
    append(broker.partition(1), { values: ['last'] })
    await broker.flush()
    await broker.close()
    expect(await disk.readFile(`${OF_ONE}/damaged`)).toBeUndefined()
    const again = await openHarness(quietWorld(disk), three)
    expect(again.partition(1).logEndOffset).toBe(3)
  })

  it.each(['durable', 'relaxed'] as const)(
    'takes a want of file handles for damage at no call, of a log that is %s',
    async mode => {
      const { start } = await crashed(mode)
      const calls = { count: 0 }
      const isOpening = (call: string, path: string) =>
        (call === 'open' || call === 'read') && path.startsWith(OF_ONE)
      const count = (call: string, path: string) => {
        if (isOpening(call, path)) calls.count++
        return undefined
      }
      await start(count).opening
      expect(calls.count).toBeGreaterThan(5)
      let retried = 0
      for (let from = 0; from < calls.count; from++) {
        for (const shortFor of [1, Number.POSITIVE_INFINITY]) {
          let at = 0
          const { disk, world, opening } = start((call, path) => {
            if (!isOpening(call, path)) return undefined
            const isShort = at >= from && at < from + shortFor
            at++
            return isShort ? 'EMFILE' : undefined
          })
          const found = await opening.catch((error: unknown) => error)
          if (found instanceof DiskError) {
            // What the journal has could not be kept: it is there for the next start.
            expect([found.code, mode, shortFor > 1]).toEqual(['EMFILE', 'durable', true])
            const again = new ModelDisk(new DiskImage(), disk)
            expect((await openHarness(quietWorld(again), three)).partition(1).logEndOffset).toBe(2)
            continue
          }
          const broker = found as LogHarness
          if (broker.partition(1).isOffline) retried++
          disk.fault = () => undefined
          world.clock.advance(500)
          await settle()
          expect(broker.partition(1).logEndOffset, `${shortFor} from call ${from}`).toBe(2)
          // Its recovery point says now what a note may have said.
          world.clock.advance(60_000)
          await settle()
          expect(await disk.readFile(`${OF_ONE}/damaged`)).toBeUndefined()
        }
      }
      expect(retried).toBeGreaterThan(5)
    },
  )

  it('does not try one again that is damaged', async () => {
    const { start } = await crashed('durable')
    const { disk, world, opening } = start(() => undefined)
    disk.openNow(`${OF_ONE}/${LOG}`, 'existing').truncateNow(10)
    const broker = await opening
    const read = readsOf(disk)
    world.clock.advance(60_000)
    await settle()
    expect([read.size, broker.partition(1).isOffline]).toEqual([0, true])
  })

  it('tells the coordinators of an internal topic when it is there again', async () => {
    const INTERNAL = '__transaction_state'
    const image = imageWith(...newTopic(INTERNAL, 1))
    const disk = new ModelDisk(new DiskImage())
    const first = await openHarness(quietWorld(disk), { image })
    const partitionOf = ({ directory }: LogHarness) =>
      directory.get(topicIdOf(INTERNAL), 0) as Partition
    await partitionOf(first).makeFolder()
    append(partitionOf(first), { values: ['a'] })
    await first.flush()
    const killed = new ModelDisk(disk.imageAfter(disk.operations.length, () => 'kept'))
    killed.fault = (call, path) =>
      call === 'read' && path.endsWith(`${INTERNAL}-0/${EPOCHS}`) ? 'EMFILE' : undefined
    const world = quietWorld(killed)
    const broker = await openHarness(world, { image })
    const told: MetadataImage[] = []
    broker.directory.onReturn(now => void told.push(now))
    world.clock.advance(500)
    await settle()
    expect([partitionOf(broker).isOffline, told]).toEqual([true, []])
    killed.fault = () => undefined
    world.clock.advance(500)
    await settle()
    expect([partitionOf(broker).logEndOffset, told]).toEqual([1, [image]])
  })
})
