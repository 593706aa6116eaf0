/**
 * More than the disk can write, for long: a broker in a process of its own takes all that comes, in batches of 1 MiB over eight partitions,
 * and how long its event loop is held meanwhile. Beside it the raw rate: the same bytes written and synced every 8 MiB.
 */
import { open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBrokerProcess } from '../support/processes.ts'
import { loopWatch } from './loop-watch.ts'
import { createTopic } from './topics.ts'
import { startGenerator } from './workers.ts'

const BATCH_BYTES = 2 ** 20 - 100
const PARTITIONS = 8
const SYNCED_EVERY_BYTES = 8 * 2 ** 20
const KEPT_BYTES = 1024 * 2 ** 20
/** What the loop may be held at the most, in the 99th of a hundred ticks. */
export const LOOP_AIM_MS = 50

/** Prints a line for each durability; says whether the aim was met. */
export async function overload(seconds: number): Promise<boolean> {
  const rawRate = await rawMegabytesPerSecond(Math.min(10, seconds))
  let isMet = true
  for (const flushMode of ['durable', 'relaxed'])
    isMet = (await overloaded(flushMode, seconds, rawRate)) && isMet
  return isMet
}

async function overloaded(flushMode: string, seconds: number, rawRate: number): Promise<boolean> {
  const watch = loopWatch()
  await using broker = await startBrokerProcess({
    from: 'dist',
    nodeArgs: watch.nodeArgs,
    env: watch.env,
    patienceMs: 300_000,
    settings: {
      'auto.create.topics.enable': 'false',
      'flush.mode': flushMode,
      'log.segment.bytes': String(64 * 2 ** 20),
      'log.retention.bytes': String(KEPT_BYTES / PARTITIONS),
      'log.retention.check.interval.ms': '1000',
      'log.segment.delete.delay.ms': '0',
    },
  })
  const generator = await startGenerator()
  try {
    await createTopic(broker.port, 'overload', PARTITIONS)
    await watch.seen(broker.pid)
    const began = performance.now()
    let requests = 0
    while (performance.now() - began < seconds * 1000) {
      const load = { requests: 512, partitions: PARTITIONS, connections: 4, inFlight: 4 }
      const target = { type: 'produce' as const, port: broker.port, topic: 'overload' }
      await generator.run({ ...target, ...load, recordBytes: 10_000, batchBytes: BATCH_BYTES })
      requests += load.requests
    }
    const rate = (requests * BATCH_BYTES) / 1000 / (performance.now() - began)
    const { wallP99Ms, wallMaxMs, cpuP99Ms } = await watch.seen(broker.pid)
    console.log(
      `${seconds} s of produce, ${flushMode}: ${rate.toFixed(0)} MB/s beside ${rawRate.toFixed(0)} raw (${(rate / rawRate).toFixed(2)}); ` +
        `loop delay p99 ${wallP99Ms.toFixed(1)} ms (aim ${LOOP_AIM_MS}), max ${wallMaxMs.toFixed(0)} ms, processor p99 ${cpuP99Ms.toFixed(1)} ms`,
    )
    return wallP99Ms <= LOOP_AIM_MS
  } finally {
    await generator.close()
  }
}

/** Writes ahead of one sync at a time, as a program does that waits for nothing else. */
export async function rawMegabytesPerSecond(seconds: number): Promise<number> {
  const path = join(tmpdir(), `varve-raw-${process.pid}`)
  const file = await open(path, 'w')
  const piece = Buffer.alloc(2 ** 20, 'varve-')
  const began = performance.now()
  let bytes = 0
  let unsynced = 0
  let syncing: Promise<void> = Promise.resolve()
  try {
    while (performance.now() - began < seconds * 1000) {
      await file.write(piece, 0, piece.length, bytes % KEPT_BYTES)
      bytes += piece.length
      unsynced += piece.length
      if (unsynced < SYNCED_EVERY_BYTES) continue
      unsynced = 0
      await syncing
      syncing = file.datasync()
    }
    await syncing
    await file.datasync()
    return bytes / 1000 / (performance.now() - began)
  } finally {
    await file.close()
    await rm(path)
  }
}
