/**
 * More than the disk can write, for long: a broker in a process of its own takes all that comes, in batches of 1 MiB over eight partitions,
 * and how long its event loop is held meanwhile. Beside it the raw rate: the same bytes
 * appended to files of the same size, and synced every 8 MiB.
 */
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBrokerProcess } from '../support/processes.ts'
import type { NamedComparison } from './log-append.ts'
import { loopWatch } from './loop-watch.ts'
import { createTopic } from './topics.ts'
import { startGenerator } from './workers.ts'

const BATCH_BYTES = 2 ** 20 - 100
const PARTITIONS = 8
const SYNCED_EVERY_BYTES = 8 * 2 ** 20
const SEGMENT_BYTES = 64 * 2 ** 20
const KEPT_BYTES = 1024 * 2 ** 20
const RAW_FILES = KEPT_BYTES / SEGMENT_BYTES
/** What the loop may be held at the most, in the 99th of a hundred ticks. */
export const LOOP_AIM_MS = 50

/** What a broker took of more than the disk can write, and how long its loop was held meanwhile. */
export interface OverloadFigure extends NamedComparison {
  readonly loopP99Ms: number
}

/** Prints a line for each durability. */
export async function overload(seconds: number): Promise<OverloadFigure[]> {
  const rawRate = await rawMegabytesPerSecond(Math.min(10, seconds))
  const figures: OverloadFigure[] = []
  for (const flushMode of ['durable', 'relaxed'])
    figures.push(await overloaded(flushMode, seconds, rawRate))
  return figures
}

async function overloaded(
  flushMode: string,
  seconds: number,
  rawRate: number,
): Promise<OverloadFigure> {
  const watch = loopWatch()
  await using broker = await startBrokerProcess({
    from: 'dist',
    nodeArgs: watch.nodeArgs,
    env: watch.env,
    patienceMs: 300_000,
    settings: {
      'auto.create.topics.enable': 'false',
      'flush.mode': flushMode,
      'log.segment.bytes': String(SEGMENT_BYTES),
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
    const name = `${seconds} s of more than the disk writes, ${flushMode}`
    const ratio = rate / rawRate
    return { name, unit: 'MB/s', ours: rate, raw: rawRate, ratio, loopP99Ms: wallP99Ms }
  } finally {
    await generator.close()
  }
}

/** Appends to one file after the other as a log does, ahead of one sync at a time, as a program does that waits for nothing else. */
export async function rawMegabytesPerSecond(seconds: number): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'varve-raw-'))
  const piece = Buffer.alloc(2 ** 20, 'varve-')
  const began = performance.now()
  let bytes = 0
  try {
    for (let index = 0; performance.now() - began < seconds * 1000; index += 1) {
      bytes += await writtenRaw(`${folder}/${index}`, piece)
      if (index >= RAW_FILES) await rm(`${folder}/${index - RAW_FILES}`)
    }
    return bytes / 1000 / (performance.now() - began)
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function writtenRaw(path: string, piece: Buffer): Promise<number> {
  const file = await open(path, 'w')
  let syncing: Promise<void> = Promise.resolve()
  try {
    for (let bytes = piece.length; bytes <= SEGMENT_BYTES; bytes += piece.length) {
      await file.write(piece)
      if (bytes % SYNCED_EVERY_BYTES !== 0) continue
      await syncing
      syncing = file.datasync()
    }
    await syncing
    return SEGMENT_BYTES
  } finally {
    await file.close()
  }
}
