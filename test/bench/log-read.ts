/** Reading a log from its start to its end, out of the tail cache and out of the files, beside reading the same bytes into one buffer. */
import { readdirSync } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Partition } from '../../packages/broker/src/replication/partition.ts'
import { abba } from './abba.ts'
import type { NamedComparison } from './log-append.ts'
import { appendTo, batchOfBytes, openStage, type Stage } from './log-stage.ts'

const READ_BYTES = [65_536, 1_048_576]
const BATCH_BYTES = 16_384
const MEBIBYTE = 2 ** 20

export async function reads(rounds: number): Promise<NamedComparison[]> {
  const compared: NamedComparison[] = []
  for (const kind of ['tail', 'cold'] as const) {
    const [logBytes, tailCacheBytes] =
      kind === 'tail' ? [32 * MEBIBYTE, 64 * MEBIBYTE] : [256 * MEBIBYTE, 0]
    const settings = { flushMode: 'relaxed' as const, segmentBytes: 64 * MEBIBYTE }
    await using stage = await openStage({ partitions: 1, settings, limits: { tailCacheBytes } })
    const [partition] = stage.partitions
    if (partition === undefined) throw new Error('the stage has no partition')
    await fill(partition, logBytes)
    for (const maxBytes of READ_BYTES) {
      const name = `${kind} reads of ${maxBytes / 1024} KiB`
      const ours = () => readThrough(partition, maxBytes)
      const raw = () => readFiles(stage, maxBytes)
      compared.push({ name, unit: 'MB/s', ...(await abba(rounds, ours, raw)) })
    }
  }
  return compared
}

async function fill(partition: Partition, logBytes: number): Promise<void> {
  const batch = batchOfBytes(BATCH_BYTES)
  for (let bytes = 0; bytes < logBytes; bytes += batch.length)
    await new Promise<void>(resolve => appendTo(partition, batch, resolve))
}

async function readThrough(partition: Partition, maxBytes: number): Promise<number> {
  const began = performance.now()
  let bytes = 0
  const upTo = 'high watermark' as const
  for (let offset = 0; offset < partition.highWatermark; ) {
    const reading = partition.read({ offset, maxBytes, upTo, firstBatchWhole: true })
    const read = reading instanceof Promise ? await reading : reading
    const last = read.parts.at(-1)
    if (last === undefined) throw new Error(`nothing to read at ${offset}`)
    bytes += read.sizeBytes
    offset = endOffsetOf(read.parts)
    read.release?.()
  }
  return bytes / 1000 / (performance.now() - began)
}

/** The offset after the last batch: what a client takes from the answer. */
function endOffsetOf(parts: readonly Uint8Array[]): number {
  let end = 0
  for (const part of parts) {
    const view = new DataView(part.buffer, part.byteOffset, part.length)
    for (let at = 0; at < part.length; at += 12 + view.getInt32(at + 8))
      end = Number(view.getBigInt64(at)) + view.getInt32(at + 23) + 1
  }
  return end
}

async function readFiles(stage: Stage, maxBytes: number): Promise<number> {
  const folder = `${stage.folder}/data/events-0`
  const into = Buffer.allocUnsafeSlow(maxBytes)
  const began = performance.now()
  let bytes = 0
  for (const name of readdirSync(folder).filter(file => file.endsWith('.log'))) {
    const file = await open(`${folder}/${name}`)
    for (;;) {
      const { bytesRead } = await file.read(into, 0, into.length)
      if (bytesRead === 0) break
      bytes += bytesRead
    }
    await file.close()
  }
  return bytes / 1000 / (performance.now() - began)
}
