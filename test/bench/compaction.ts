/** `npm run bench -- compaction`: how fast a log is cleaned, beside reading and writing (and syncing) the same bytes with nothing done to them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { BatchBuilder, type CompressionType, crc32c, nodeCodecs } from '@varve/protocol'
import { cleanLog } from '../../packages/broker/src/log/compaction/clean-log.ts'
import { cleanableRange } from '../../packages/broker/src/log/compaction/cleanable-range.ts'
import { Pace } from '../../packages/broker/src/log/compaction/pace.ts'
import { loadLog } from '../../packages/broker/src/log/load-log.ts'
import { PartitionLog } from '../../packages/broker/src/log/partition-log.ts'
import { segmentFileName } from '../../packages/broker/src/log/segment-files.ts'
import { nodeWorld } from '../../packages/broker/src/node/world.ts'
import type { World } from '../../packages/broker/src/world.ts'
import { plainLimits, plainSettings, TOPIC_ID } from '../support/log-harness.ts'
import { loadOptions, loadToolsOf } from '../support/log-parts.ts'
import type { NamedComparison } from './log-append.ts'

const SEGMENT_BYTES = 32 * 1024 * 1024
const RECORDS_PER_BATCH = 100
const VALUE_BYTES = 150

interface Case {
  readonly name: string
  readonly compression: CompressionType
  readonly keys: number
}

const cases: readonly Case[] = [
  { name: 'a tenth of the keys stays', compression: 'none', keys: 60_000 },
  { name: 'all keys stay', compression: 'none', keys: Number.MAX_SAFE_INTEGER },
  { name: 'lz4, a tenth of the keys stays', compression: 'lz4', keys: 60_000 },
]

const quiet = { error: noop, warn: noop, info: noop, debug: noop, with: () => quiet }

function noop(): void {
  return
}

/** How fast one case was cleaned, in MiB/s, and how long the loop was held meanwhile. */
export interface CompactionFigure extends NamedComparison {
  readonly loopP99Ms: number
}

/** Prints a line for each case. */
export async function benchCompaction(options: {
  readonly segments: number
}): Promise<CompactionFigure[]> {
  const world = nodeWorld({
    log: quiet,
    fail: reason => {
      throw reason
    },
  })
  const figures: CompactionFigure[] = []
  for (const one of cases) {
    const root = await mkdtemp(`${tmpdir()}/varve-compaction-`)
    try {
      figures.push(await measure(world, root, { ...one, segments: options.segments }))
    } finally {
      await rm(root, { recursive: true })
    }
  }
  return figures
}

async function measure(
  world: World,
  root: string,
  what: Case & { readonly segments: number },
): Promise<CompactionFigure> {
  const directory = `${root}/events-0`
  await world.disk.makeDirectory(directory)
  const sizeBytes = await fill(world, directory, what)
  const identity = { topic: 'events', topicId: TOPIC_ID, partition: 0, directory }
  await world.disk.writeFileAtomically(
    `${directory}/partition.metadata`,
    Buffer.from(`version: 0\ntopic_id: ${TOPIC_ID}`),
  )
  const tools = {
    ...loadToolsOf(world),
    flusher: {
      markDirty: noop,
      requestSync: noop,
      forget: noop,
      holdsBack: () => false,
      isBehind: () => false,
      spaceError: undefined,
    },
  }
  const state = await loadLog(identity, loadOptions(), tools)
  const settings = {
    ...plainSettings,
    segmentBytes: SEGMENT_BYTES,
    cleanupPolicy: ['compact' as const],
  }
  const observer = { ackableUpTo: noop, appendsFailed: noop }
  const log = new PartitionLog(identity, state, { settings, tools, observer })
  const range = await cleanableRange({
    segments: log.segments.all,
    settings,
    logStartOffset: 0,
    logEndOffset: log.logEndOffset,
    lastStableOffset: log.logEndOffset,
    recoveryPoint: log.cleanableTo,
    cleanedTo: undefined,
    now: world.clock.now(),
  })
  const raw = await copyRaw(world, directory, `${root}/raw`)
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const startedAt = performance.now()
  const limits = {
    ...plainLimits.compaction,
    mapBytesMax: 128 * 1024 * 1024,
    readBytes: 512 * 1024,
  }
  const pace = new Pace(
    world.clock,
    () => Number.MAX_VALUE,
    () => false,
  )
  const cleaned = await cleanLog(log, range, { log: tools, limits, pace })
  const seconds = (performance.now() - startedAt) / 1000
  delay.disable()
  const mebibytes = sizeBytes / 2 ** 20
  const rate = cleaned.bytesBefore / 2 ** 20 / seconds
  console.log(
    `${what.name}: ${mebibytes.toFixed(0)} MiB, ${rate.toFixed(0)} MiB/s cleaned to ${(cleaned.bytesAfter / 2 ** 20).toFixed(0)} MiB; ` +
      `raw read+write+sync ${raw.toFixed(0)} MiB/s (${(rate / raw).toFixed(2)}); ` +
      `loop delay p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms, max ${(delay.max / 1e6).toFixed(1)} ms`,
  )
  await log.abandon()
  return {
    ...{ name: `compaction, ${what.name}`, unit: 'MiB/s', ours: rate, raw, ratio: rate / raw },
    loopP99Ms: delay.percentile(99) / 1e6,
  }
}

/** Writes the log's segments, and one more that stays the active one. */
async function fill(
  world: World,
  directory: string,
  what: Case & { readonly segments: number },
): Promise<number> {
  let offset = 0
  let total = 0
  const value = Buffer.alloc(VALUE_BYTES)
  for (let index = 0; index <= what.segments; index++) {
    const file = await world.disk.open(`${directory}/${segmentFileName(offset, 'log')}`, 'truncate')
    const limit = index === what.segments ? 1 : SEGMENT_BYTES - 64 * 1024
    while (file.sizeBytes < limit) {
      const builder = new BatchBuilder(RECORDS_PER_BATCH * (VALUE_BYTES + 40))
      for (let record = 0; record < RECORDS_PER_BATCH; record++) {
        value.write(`value ${offset + record} of somebody, and some more that repeats`)
        const key = `key-${((offset + record) * 7919) % what.keys}`
        builder.append({ key, value, timestamp: 1_700_000_000_000 + offset })
      }
      const batch = builder.build({
        baseOffset: offset,
        partitionLeaderEpoch: 0,
        compression: what.compression,
        codecs: nodeCodecs(),
        crc32c,
      })
      await file.append([batch])
      offset += RECORDS_PER_BATCH
    }
    total += file.sizeBytes
    await file.sync()
    await file.close()
  }
  return total
}

/** MiB/s of reading all segments in the same pieces and writing as much. */
async function copyRaw(world: World, directory: string, to: string): Promise<number> {
  const names = ((await world.disk.list(directory)) ?? []).filter(({ name }) =>
    name.endsWith('.log'),
  )
  const window = Buffer.allocUnsafeSlow(512 * 1024)
  const target = await world.disk.open(to, 'truncate')
  let total = 0
  let unsynced = 0
  const startedAt = performance.now()
  for (const { name } of names) {
    const file = await world.disk.open(`${directory}/${name}`, 'existing')
    for (let at = 0; at < file.sizeBytes; ) {
      const count = await file.read(at, window)
      await target.append([window.subarray(0, count)])
      at += count
      total += count
      unsynced += count
      if (unsynced >= 8 * 1024 * 1024) {
        await target.sync()
        unsynced = 0
      }
    }
    await file.close()
  }
  await target.sync()
  const seconds = (performance.now() - startedAt) / 1000
  await target.close()
  return total / 2 ** 20 / seconds
}
