import { BatchBuilder, buildControlBatch, nodeCodecs, WireError } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import {
  loadShard,
  type ShardLoad,
} from '../../../../../packages/broker/src/coordinator/runtime/shard-load.ts'
import type { Partition } from '../../../../../packages/broker/src/replication/partition.ts'
import { DiskError } from '../../../../../packages/broker/src/world.ts'
import { DiskImage } from '../../../../support/disk-image.ts'
import { GatedDisk } from '../../../../support/gated-disk.ts'
import { quietWorld, settle } from '../../../../support/journal-world.ts'
import { openHarness } from '../../../../support/log-harness.ts'
import { ModelDisk } from '../../../../support/model-disk.ts'

/** A log of three records that reads as the test says. */
const logOf = (read: Partition['read']): Partition =>
  ({
    logStartOffset: 0,
    highWatermark: 3,
    logEndOffset: 3,
    read,
  }) as Partial<Partition> as Partition

async function given(options: Parameters<typeof openHarness>[1] = {}) {
  const disk = new ModelDisk(new DiskImage())
  const gate = new GatedDisk(disk)
  const world = quietWorld(gate)
  const harness = await openHarness(world, options)
  const taken: string[] = []
  const append = (keys: readonly (string | null)[], compression?: 'lz4') => {
    const builder = new BatchBuilder()
    for (const key of keys) builder.append({ key, value: `${key}!`, timestamp: 1 })
    const batch = builder.build(compression ? { compression, codecs: nodeCodecs() } : {})
    expect(harness.partition().append(batch, { now: 1_000 })).not.toHaveProperty('error')
  }
  const load = (changes: Partial<ShardLoad> = {}) =>
    loadShard({
      partition: harness.partition(),
      clock: world.clock,
      log: world.log,
      codecs: nodeCodecs(),
      take: ({ key, value }) => void taken.push(`${key}=${value}`),
      takeMarker: () => undefined,
      isWanted: () => true,
      ...changes,
    })
  return { gate, world, harness, taken, append, load }
}

describe('loading a shard', () => {
  it('gives every record of the log, in order, whatever its batches are', async () => {
    const { harness, taken, append, load } = await given()
    append(['a', 'b'])
    append(['c', null, 'd'], 'lz4')
    await harness.flush()
    expect(await load()).toBe('NONE')
    expect(taken).toEqual(['a=a!', 'b=b!', 'c=c!', 'd=d!'])
  })

  it('passes over control batches', async () => {
    const { taken, load } = await given()
    const plain = (key: string, baseOffset: number) => {
      const builder = new BatchBuilder()
      builder.append({ key, value: `${key}!`, timestamp: 1 })
      return builder.build({ baseOffset })
    }
    const control = buildControlBatch({
      type: 'COMMIT',
      value: Buffer.alloc(6),
      timestamp: 1,
      baseOffset: 1,
    })
    const partition = logOf(() => ({
      parts: [Buffer.concat([plain('a', 0), control, plain('b', 2)])],
      sizeBytes: 1,
    }))
    expect(await load({ partition })).toBe('NONE')
    expect(taken).toEqual(['a=a!', 'b=b!'])
  })

  it('ends at once with an empty log', async () => {
    const { load, taken } = await given()
    expect([await load(), taken]).toEqual(['NONE', []])
  })

  it('waits for what is on its way to the disk (G3)', async () => {
    const { gate, harness, taken, append, load } = await given()
    append(['a'])
    await harness.flush()
    gate.close()
    append(['b'])
    await harness.flush()
    const outcome: string[] = []
    void load().then(error => outcome.push(error))
    await settle()
    expect([taken, outcome]).toEqual([['a=a!'], []])
    gate.release()
    await harness.flush()
    expect([taken, outcome]).toEqual([['a=a!', 'b=b!'], ['NONE']])
  })

  it('gives what it gives bytes of their own', async () => {
    const { harness, append, load } = await given()
    append(['a'])
    await harness.flush()
    const values: Uint8Array[] = []
    await load({ take: ({ value }) => void (value !== null && values.push(value)) })
    expect(values[0]?.buffer.byteLength).toBeLessThanOrEqual(8192)
    const read = await harness.partition().read({
      ...{ offset: 0, maxBytes: 1_000, upTo: 'high watermark', firstBatchWhole: true },
    } as never)
    expect(read.parts[0]?.buffer).not.toBe(values[0]?.buffer)
  })

  it('gives values that may be kept nothing that keeps others', async () => {
    const { harness, append, load } = await given()
    append(['a', 'k'.repeat(100), 'b'])
    await harness.flush()
    const kept: number[] = []
    await load({
      take: ({ value }) => {
        if (value !== null && value.length > 100) kept.push(value.buffer.byteLength)
      },
    })
    expect(kept).toEqual([101])
  })

  it('lets the event loop free when it takes long', async () => {
    const { world, harness, append, load } = await given()
    for (let index = 0; index < 100; index++)
      append(Array.from({ length: 50 }, () => 'k'.repeat(20)))
    await harness.flush()
    let busyMs = 0
    const { clock } = world
    const slow = Object.assign(Object.create(clock) as typeof clock, {
      monotonic: () => clock.monotonic() + busyMs,
      after: (delayMs: number, fire: () => void) => clock.after(delayMs, fire),
    })
    let count = 0
    let outcome: string | undefined
    void load({
      clock: slow,
      take: () => {
        count++
        busyMs += 0.005
      },
    }).then(error => {
      outcome = error
    })
    while (count === 0) await settle()
    expect(outcome).toBeUndefined()
    for (let turn = 0; turn < 200 && outcome === undefined; turn++) {
      clock.advance(1)
      await settle()
    }
    expect([outcome, count]).toEqual(['NONE', 5_000])
  })

  it('stops when nobody wants it any more', async () => {
    const { harness, taken, append, load } = await given()
    append(['a'])
    await harness.flush()
    expect(await load({ isWanted: () => false })).toBe('NOT_LEADER_OR_FOLLOWER')
    expect(taken).toEqual([])
  })

  it('fails for records that cannot be read, and says so in the log', async () => {
    const { world, harness, append, load } = await given()
    append(['a'])
    await harness.flush()
    const take = (): void => {
      throw new WireError('the value has a version from the future')
    }
    expect(await load({ take })).toBe('KAFKA_STORAGE_ERROR')
    expect(world.errors).toEqual(['The state of a coordinator could not be read from its log.'])
  })

  it('fails with a disk that cannot be read', async () => {
    const { world, load } = await given()
    const partition = logOf(() => Promise.reject(new DiskError('read', '/data/log', 'EIO')))
    expect(await load({ partition })).toBe('KAFKA_STORAGE_ERROR')
    expect(world.errors).toHaveLength(1)
  })

  it('has nothing to complain of when the partition is deleted meanwhile', async () => {
    const { world, load } = await given()
    const gone = logOf(() => Promise.reject(new DiskError('read', '/data/log', 'EBADF')))
    expect(await load({ partition: Object.assign(gone, { hasEnded: true }) })).toBe(
      'NOT_LEADER_OR_FOLLOWER',
    )
    expect(world.errors).toEqual([])
  })

  it('lets a bug be a bug', async () => {
    const { harness, append, load } = await given()
    append(['a'])
    await harness.flush()
    const take = (): void => {
      throw new TypeError('a bug')
    }
    await expect(load({ take })).rejects.toThrow('a bug')
  })
})
