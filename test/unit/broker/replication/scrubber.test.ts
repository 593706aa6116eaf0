import { describe, expect, it } from 'vitest'
import type { DiskFile, OpenMode } from '../../../../packages/broker/src/world.ts'
import {
  addSegments,
  compacted,
  emptyLog,
  type TestBatch,
} from '../../../support/compaction-log.ts'
import { DiskImage } from '../../../support/disk-image.ts'
import { type QuietWorld, quietWorld, settle } from '../../../support/journal-world.ts'
import {
  append,
  type HarnessOptions,
  type LogHarness,
  openHarness,
} from '../../../support/log-harness.ts'
import { FOLDER } from '../../../support/log-parts.ts'
import { ModelDisk } from '../../../support/model-disk.ts'
import { readValues } from '../../../support/read-log.ts'

const FIRST_DELAY_MS = 30_000
const DAMAGED =
  'A durable record batch is damaged: its partition goes offline, its files are left as they are.'
const scrubbing = { bytesPerSecondMax: 1_000_000, intervalMs: 3_600_000 }

const batch = (...keys: string[]): TestBatch => ({
  type: 'records',
  records: keys.map(key => ({ key, value: 'x'.repeat(50), timestamp: 900 })),
})
const SEGMENTS = [[batch('a', 'b'), batch('c')], [batch('d'), batch('a')], [batch('e')]]

/** Counts what is read, and may change it on its way. */
class ReadingDisk extends ModelDisk {
  readBytes = 0
  damageReads = 0

  override async open(path: string, mode: OpenMode): Promise<DiskFile> {
    const file = await super.open(path, mode)
    const read = file.read.bind(file)
    return Object.assign(file, {
      read: async (position: number, into: Uint8Array): Promise<number> => {
        const count = await read(position, into)
        if (path.endsWith('.log')) this.readBytes += count
        if (path.endsWith('.log') && this.damageReads > 0 && count > 0) {
          this.damageReads--
          into[count - 1] = (into[count - 1] ?? 0) ^ 1
        }
        return count
      },
    })
  }
}

interface Opened {
  readonly disk: ReadingDisk
  readonly world: QuietWorld
  readonly broker: LogHarness
}

async function opened(
  segments: readonly (readonly TestBatch[])[] = SEGMENTS,
  options: HarnessOptions = {},
): Promise<Opened> {
  const disk = new ReadingDisk(new DiskImage())
  await emptyLog(disk)
  await addSegments(disk, segments, 0)
  const world = quietWorld(disk)
  const broker = await openHarness(world, { ...options, limits: { scrubbing, ...options.limits } })
  disk.readBytes = 0
  return { disk, world, broker }
}

const pathOf = (baseOffset: number): string =>
  `${FOLDER}/${String(baseOffset).padStart(20, '0')}.log`

async function flip(disk: ModelDisk, path: string, position: number): Promise<void> {
  const file = await disk.open(path, 'existing')
  const byte = Buffer.alloc(1)
  await file.read(position, byte)
  await file.write(position, [Buffer.from([(byte[0] ?? 0) ^ 1])])
  await file.sync()
  await file.close()
}

/** Lets time pass in steps of 10 ms, and everything happen that is due. */
async function pass(world: QuietWorld, ms: number, after: () => void = () => undefined) {
  for (let passed = 0; passed < ms; passed += 10) {
    world.clock.advance(10)
    await settle()
    after()
  }
}

const firstRound = async (world: QuietWorld): Promise<void> => {
  world.clock.advance(FIRST_DELAY_MS)
  await settle()
  await pass(world, 300)
}

describe('the scrubber', () => {
  it('reads all segments, and says nothing when they are as they were', async () => {
    const { disk, world, broker } = await opened()
    const { sizeBytes } = broker.partition().log?.segments ?? { sizeBytes: 0 }
    await firstRound(world)
    expect(disk.readBytes).toBe(sizeBytes)
    expect([world.errors, world.warnings]).toEqual([[], []])
    expect(disk.openPaths.filter(path => path.endsWith('.log'))).toEqual([])
    await broker.close()
  })

  it('takes a partition offline in which a byte was flipped, and the next start knows of it', async () => {
    const { disk, world, broker } = await opened()
    await flip(disk, pathOf(3), 100)
    await firstRound(world)
    expect(world.errors).toEqual([DAMAGED])
    const partition = broker.partition()
    expect(partition.log?.isOffline).toBe(true)
    expect(partition.append(Buffer.alloc(0), { now: 1 })).toMatchObject({
      error: 'KAFKA_STORAGE_ERROR',
    })
    await expect(readValues(partition)).rejects.toMatchObject({ code: 'EBADMSG' })
    await broker.close()
    expect(`${await disk.readFile(`${FOLDER}/damaged`)}`).toBe('durable 6\nfrom 3\n')

    const restarted = await openHarness(quietWorld(disk))
    await restarted.directory.openAll()
    expect(restarted.partition().log).toBeUndefined()
    await restarted.close()
    await flip(disk, pathOf(3), 100)
    const repaired = await openHarness(quietWorld(disk))
    await repaired.directory.openAll()
    expect((await readValues(repaired.partition())).length).toBe(6)
    await repaired.close()
    expect(await disk.readFile(`${FOLDER}/damaged`)).toBeUndefined()
  })

  it('says where the damage is', async () => {
    const lines: unknown[] = []
    const { disk, world, broker } = await opened()
    world.log.error = (_message, fields) => void lines.push(fields)
    await flip(disk, pathOf(3), 100)
    await firstRound(world)
    expect(lines).toEqual([
      {
        ...{ directory: FOLDER, path: pathOf(3), position: 0, offset: 3 },
        reason: 'its checksum is wrong',
      },
    ])
    await broker.close()
  })

  it('finds it in the synced part of the active segment, too, and looks at nothing beyond', async () => {
    const { disk, world, broker } = await opened([], { unsyncedBytes: 1 })
    append(broker.partition(), { values: ['a'] })
    await broker.flush()
    await settle()
    const syncedBytes = broker.partition().log?.segments.sizeBytes ?? 0
    expect(broker.partition().log?.recoveryPoint).toBe(1)
    broker
      .partition()
      .log?.segments.active.enter(
        { baseOffset: 1, lastOffset: 1, sizeBytes: 80, maxTimestamp: 1 },
        4096,
      )
    await firstRound(world)
    expect(world.errors).toEqual([])
    await flip(disk, pathOf(0), syncedBytes - 1)
    await pass(world, scrubbing.intervalMs / 1000)
    world.clock.advance(scrubbing.intervalMs)
    await pass(world, 100)
    expect(world.errors).toEqual([DAMAGED])
    await broker.flusher.abandon()
    await broker.directory.abandon()
  })

  it('reads once more before it believes what it has read', async () => {
    const { disk, world, broker } = await opened()
    disk.damageReads = 1
    await firstRound(world)
    expect(world.errors).toEqual([])
    expect(world.warnings).toEqual(['A segment was read wrong, and right when it was read again.'])
    expect(broker.partition().log?.isOffline).toBe(false)
    await broker.close()
  })

  it('takes a segment that cannot be read for lost, but not for want of file descriptors', async () => {
    for (const [code, errors] of [
      ['EMFILE', []],
      ['EIO', [DAMAGED]],
    ] as const) {
      const { disk, world, broker } = await opened()
      disk.fault = (call, path) =>
        call === (code === 'EIO' ? 'read' : 'open') && path === pathOf(3) ? code : undefined
      await firstRound(world)
      expect(world.errors).toEqual(errors)
      disk.fault = () => undefined
      await broker.close()
    }
  })

  it('takes a segment that retention deletes meanwhile for no damage', async () => {
    const { disk, world, broker } = await opened()
    const log = broker.partition().log
    world.clock.advance(FIRST_DELAY_MS)
    log?.configure({ ...log.settings, retentionBytes: 0, fileDeleteDelayMs: 0 })
    await log?.retain(world.clock.now(), 6)
    await pass(world, 500)
    expect((await disk.list(FOLDER))?.some(({ name }) => name === '00000000000000000003.log')).toBe(
      false,
    )
    expect(world.errors).toEqual([])
    await broker.close()
  })

  it('takes segments that compaction replaces under its feet for no damage', async () => {
    const segments = Array.from({ length: 12 }, (_, index) => [
      batch('a', `${index}`),
      batch('a', 'b'),
    ])
    for (let delayMs = 0; delayMs < 60; delayMs += 10) {
      const { world, broker } = await opened(segments, {
        settings: compacted,
        limits: { scrubbing: { bytesPerSecondMax: 50_000, intervalMs: 100 } },
      })
      world.clock.advance(15_000 - delayMs)
      await pass(world, 3000)
      world.clock.advance(15_000)
      await pass(world, 2000, () => world.clock.turn())
      expect(world.errors).toEqual([])
      expect(broker.partition().log?.segments.replacements).toBeGreaterThan(0)
      expect(broker.partition().log?.isOffline).toBe(false)
      await broker.close()
    }
  })

  it('keeps within its bandwidth', async () => {
    const segments = Array.from({ length: 40 }, (_, index) => [batch(`${index}`)])
    const limits = { scrubbing: { bytesPerSecondMax: 2000, intervalMs: 1e9 } }
    const { disk, world, broker } = await opened(segments, { limits })
    const sizeBytes = broker.partition().log?.segments.sizeBytes ?? 0
    world.clock.advance(FIRST_DELAY_MS)
    await settle()
    let passedMs = 0
    await pass(world, 3000, () => {
      passedMs += 10
      // What was read before the first wait, and one segment more than is paid for.
      expect(disk.readBytes).toBeLessThanOrEqual((passedMs * 2000) / 1000 + 500)
    })
    expect(disk.readBytes).toBeGreaterThan(2000 * 2.3)
    await pass(world, (sizeBytes / 2000) * 1000)
    expect(disk.readBytes).toBe(sizeBytes)
    await broker.close()
  })

  it('does nothing where it is switched off, and begins when it is switched on', async () => {
    const limits = { scrubbing: { bytesPerSecondMax: 0, intervalMs: 100 } }
    const { disk, world, broker } = await opened(SEGMENTS, { limits })
    await firstRound(world)
    expect(disk.readBytes).toBe(0)
    limits.scrubbing.bytesPerSecondMax = 1_000_000
    world.clock.advance(60_000)
    await pass(world, 100)
    expect(disk.readBytes).toBeGreaterThan(0)
    await broker.close()
  })

  it('does not hold up the end', async () => {
    const limits = { scrubbing: { bytesPerSecondMax: 1, intervalMs: 100 } }
    const { disk, world, broker } = await opened(SEGMENTS, { limits })
    world.clock.advance(FIRST_DELAY_MS)
    await settle()
    expect(disk.readBytes).toBeGreaterThan(0)
    await broker.close()
    expect(disk.openPaths).toEqual([])
  })
})
