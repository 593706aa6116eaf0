/**
 * Durable acknowledgements: so many writers, each with one record of 1 KiB under way, over so many partitions; beside one preallocated
 * file into which all of them are written before each `fdatasync`.
 */
import { close, fdatasync, ftruncate, open, write, writev } from 'node:fs'
import { promisify } from 'node:util'
import { abba } from './abba.ts'
import type { NamedComparison } from './log-append.ts'
import { appendTo, batchOfBytes, openStage, type Stage } from './log-stage.ts'

const WRITERS = [1, 16, 64, 256]
const PARTITIONS = [1, 8, 32, 128, 512]
const RECORD_BYTES = 1_024
const FILE_BYTES = 64 * 2 ** 20

const opened = promisify(open)
const closed = promisify(close)
const synced = promisify(fdatasync)
const written = promisify(write)
const writtenParts = promisify(writev)
const truncated = promisify(ftruncate)

export async function durableWriters(rounds: number, sampleMs: number): Promise<NamedComparison[]> {
  const compared: NamedComparison[] = []
  for (const partitions of PARTITIONS) {
    await using stage = await openStage({ partitions })
    const bare = await BareFile.open(`${stage.folder}/bare`)
    for (const writers of WRITERS) {
      const name = `${writers} writers, ${partitions} partitions`
      const ours = () => acknowledgements(stage, writers, sampleMs)
      const raw = () => bare.acknowledgements(writers, sampleMs)
      compared.push({ name, unit: 'acks/s', ...(await abba(rounds, ours, raw)) })
    }
    await bare.close()
  }
  return compared
}

async function acknowledgements(stage: Stage, writers: number, sampleMs: number): Promise<number> {
  const batch = batchOfBytes(RECORD_BYTES)
  const began = performance.now()
  const until = began + sampleMs
  let acknowledged = 0
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      const partition = stage.partitions[writer % stage.partitions.length]
      if (partition === undefined) throw new Error('the stage has no partition')
      // Each has its turn with all partitions in the end, as there may be more of them than writers.
      for (let next = writer; performance.now() < until; next += writers) {
        const own = stage.partitions[next % stage.partitions.length] ?? partition
        await new Promise<void>(resolve => appendTo(own, batch, resolve))
        acknowledged += 1
      }
    }),
  )
  return (acknowledged * 1000) / (performance.now() - began)
}

class BareFile {
  readonly #descriptor: number
  #position = 0

  private constructor(descriptor: number) {
    this.#descriptor = descriptor
  }

  static async open(path: string): Promise<BareFile> {
    const descriptor = await opened(path, 'w')
    await truncated(descriptor, FILE_BYTES)
    const zeros = Buffer.alloc(2 ** 20)
    for (let at = 0; at < FILE_BYTES; at += zeros.length)
      await written(descriptor, zeros, 0, zeros.length, at)
    await synced(descriptor)
    return new BareFile(descriptor)
  }

  async acknowledgements(writers: number, sampleMs: number): Promise<number> {
    const batch = batchOfBytes(RECORD_BYTES)
    const parts = Array.from({ length: writers }, () => batch)
    const began = performance.now()
    let acknowledged = 0
    while (performance.now() - began < sampleMs) {
      if (this.#position + writers * batch.length > FILE_BYTES) this.#position = 0
      await writtenParts(this.#descriptor, parts, this.#position)
      this.#position += writers * batch.length
      await synced(this.#descriptor)
      acknowledged += writers
    }
    return (acknowledged * 1000) / (performance.now() - began)
  }

  async close(): Promise<void> {
    await closed(this.#descriptor)
  }
}
