/**
 * `npm run bench -- mixed [--minutes 20]`: one broker with everything at once, half of the time below what the disk and the broker can take
 * and half of the time with more than that. Memory, the delay of its loop and what it did are printed for each window; at the end everything that was
 * acknowledged has been read by the tail readers, once and in order, or the run has failed.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { type BrokerProcess, startBrokerProcess } from '../support/processes.ts'
import { listOffsets } from './count-back.ts'
import type { Measured, Outcome } from './generator.ts'
import { rawMegabytesPerSecond } from './log-overload.ts'
import { type LoopDelay, type LoopWatch, loopWatch } from './loop-watch.ts'
import { figuresOf, type Half, type Sampled } from './mixed-figures.ts'
import {
  catchingUp,
  mixedTopics,
  type Positions,
  reading,
  sending,
  topicSettings,
} from './mixed-loads.ts'
import { amount, type Figure } from './report.ts'
import { createTopic, deleteTopic } from './topics.ts'
import { type Generator, residentMegabytes, startGenerator } from './workers.ts'

const WINDOW_MS = 30_000
const SAMPLE_MS = 500
const CHURN_MS = 2_000
/** Of a batch of one record of 100 B. */
const SMALL_BATCH_BYTES = 175

export interface MixedOptions {
  readonly minutes: number
}

export interface Mixed {
  readonly figures: readonly Figure[]
  readonly errors: readonly string[]
}

interface Scene {
  readonly broker: BrokerProcess
  readonly watch: LoopWatch
  readonly sender: Generator
  readonly reader: Generator
  readonly acknowledged: number[][]
  readonly errors: string[]
  positions: Positions
  topicsMade: number
}

export async function benchMixed({ minutes }: MixedOptions): Promise<Mixed> {
  const watch = loopWatch()
  const rawRate = await rawMegabytesPerSecond(minutes < 2 ? 2 : 10)
  await using broker = await startBrokerProcess({
    from: 'dist',
    nodeArgs: watch.nodeArgs,
    env: watch.env,
    patienceMs: 300_000,
    settings: {
      'auto.create.topics.enable': 'false',
      'log.retention.check.interval.ms': '1000',
      'log.segment.delete.delay.ms': '0',
    },
  })
  const [sender, reader] = await Promise.all([startGenerator(), startGenerator()])
  const none = mixedTopics.map(({ partitions }) => Array.from({ length: partitions }, () => 0))
  const scene: Scene = {
    ...{ broker, watch, sender, reader, errors: [], positions: none, topicsMade: 0 },
    acknowledged: structuredClone(none),
  }
  try {
    for (const topic of mixedTopics)
      await createTopic(broker.port, topic.name, topic.partitions, topicSettings(topic))
    // A disk may be faster than any broker on two cores: then it is the broker that the first half stays below.
    const taken = await takenRate(scene, (minutes * 60_000) / 20)
    console.log(
      `the disk takes ${amount(rawRate)} MB/s, written and synced by a program alone, and the broker ${amount(taken)}`,
    )
    const most = Math.min(rawRate, taken)
    const halves = [
      await half('below the disk', { scene, minutes: minutes / 2, megabytesPerSecond: most }),
      await half('above the disk', { scene, minutes: minutes / 2, megabytesPerSecond: undefined }),
    ]
    const lost = await lostRecords(scene)
    const { errors } = scene
    for (const error of errors) console.log(`error: ${error}`)
    const rates = { rawRate, taken }
    return {
      figures: figuresOf(halves, { minutes, errors: errors.length, lost, ...rates }),
      errors,
    }
  } finally {
    await Promise.all([sender.close(), reader.close()])
  }
}

interface HalfOptions {
  readonly scene: Scene
  readonly minutes: number
  /** What the large batches come with a share of; undefined: as fast as they are acknowledged. */
  readonly megabytesPerSecond: number | undefined
}

/** Megabytes a second of everything at once, for a while: it warms up, too. */
async function takenRate(scene: Scene, atMostMs: number): Promise<number> {
  const forMs = Math.min(WINDOW_MS, atMostMs)
  const window = { port: scene.broker.port, forMs, megabytesPerSecond: undefined }
  const [sent] = await runWindow(scene, window)
  await scene.watch.seen(scene.broker.pid)
  return writtenRate(sent)
}

async function half(
  name: string,
  { scene, minutes, megabytesPerSecond }: HalfOptions,
): Promise<Half> {
  const windows = Math.max(2, Math.round((minutes * 60_000) / WINDOW_MS))
  const forMs = (minutes * 60_000) / windows
  const samples: Sampled[] = []
  const loops: LoopDelay[] = []
  const began = performance.now()
  for (let index = 0; index < windows && scene.errors.length === 0; index += 1) {
    const stop = new AbortController()
    const sampling = sample(scene.broker.pid, { began, samples, signal: stop.signal })
    const churning = churn(scene, stop.signal)
    const window = { port: scene.broker.port, forMs, megabytesPerSecond }
    const [sent, read] = await runWindow(scene, window)
    stop.abort()
    await Promise.all([sampling, churning])
    const loop = await scene.watch.seen(scene.broker.pid)
    loops.push(loop)
    console.log(windowLine(`${name} ${index + 1}/${windows}`, loop, { sent, read }))
  }
  return { name, samples, loops }
}

type Ran = Measured | undefined

async function runWindow(scene: Scene, window: Parameters<typeof sending>[0]): Promise<[Ran, Ran]> {
  const [earliest = 0] = await listOffsets(window.port, 'large-durable', 1, 'earliest')
  const told =
    (who: string) =>
    (error: Error): undefined => {
      scene.errors.push(`${who}: ${error.message}`)
    }
  const [sent, read] = await Promise.all([
    scene.sender.run(sending(window)).catch(told('a producer')),
    scene.reader.run(reading(window, scene.positions, earliest)).catch(told('a reader')),
  ])
  for (const [topic, own] of scene.acknowledged.entries())
    for (const [partition, records] of (sent?.parts?.[topic]?.positions ?? []).entries())
      own[partition] = (own[partition] ?? 0) + records
  if (read !== undefined) scene.positions = positionsOf(read)
  return [sent, read]
}

const positionsOf = ({ parts = [] }: Measured): Positions =>
  mixedTopics.map((_, index) => parts[index]?.positions ?? [])

interface Sampling {
  readonly began: number
  readonly samples: Sampled[]
  readonly signal: AbortSignal
}

async function sample(pid: number, { began, samples, signal }: Sampling): Promise<void> {
  while (!signal.aborted) {
    const minute = (performance.now() - began) / 60_000
    samples.push({ minute, megabytes: residentMegabytes(pid) })
    await delay(SAMPLE_MS)
  }
}

/** Topics come and go meanwhile. */
async function churn(scene: Scene, signal: AbortSignal): Promise<void> {
  const { port } = scene.broker
  while (!signal.aborted) {
    scene.topicsMade += 1
    const name = `passing-${scene.topicsMade}`
    try {
      await createTopic(port, name, 4)
      await delay(CHURN_MS / 2)
      await deleteTopic(port, name)
    } catch (error) {
      scene.errors.push(`a topic that comes and goes: ${(error as Error).message}`)
      return
    }
    await delay(CHURN_MS / 2)
  }
}

const seconds = (ran: Ran): number => (ran?.elapsedMs ?? Number.NaN) / 1000

/** Megabytes a second over all topics. */
function writtenRate(sent: Ran): number {
  const written = mixedTopics.map(
    ({ batchBytes }, index) =>
      ((sent?.parts?.[index]?.requests ?? 0) * Math.max(batchBytes, SMALL_BATCH_BYTES)) / 1e6,
  )
  return written.reduce((sum, one) => sum + one, 0) / seconds(sent)
}

function windowLine(name: string, loop: LoopDelay, ran: { sent: Ran; read: Ran }): string {
  const { rss, heapUsed, external } = loop.memory
  const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MB`
  const perSecond = (parts: readonly (Outcome | undefined)[], of: (part: Outcome) => number) =>
    parts.reduce((sum, part) => sum + (part === undefined ? 0 : of(part)), 0)
  const { sent, read } = ran
  const parts = sent?.parts ?? []
  const smallRecords = perSecond(parts.slice(0, 2), part => part.records ?? 0)
  const readBytes = perSecond(read?.parts ?? [], part => part.recordsBytes ?? 0)
  return [
    `${name}: rss ${megabytes(rss)}, heap ${megabytes(heapUsed)}, external ${megabytes(external)}`,
    `loop p99 ${loop.wallP99Ms.toFixed(1)} ms, most ${loop.wallMaxMs.toFixed(0)} ms (processor p99 ${loop.cpuP99Ms.toFixed(1)})`,
    `written ${amount(writtenRate(sent))} MB/s, small ${amount(smallRecords / seconds(sent))}/s`,
    `read ${amount(readBytes / 1e6 / seconds(read))} MB/s, commits ${amount((parts.at(-1)?.requests ?? 0) / seconds(sent))}/s`,
  ].join('; ')
}

/** Lets the readers come to the end, and holds what they have against what was acknowledged. */
async function lostRecords({
  broker,
  reader,
  acknowledged,
  errors,
  positions,
}: Scene): Promise<number> {
  if (errors.length > 0) return Number.NaN
  const end = positionsOf(await reader.run(catchingUp(broker.port, positions)))
  let lost = 0
  let counted = 0
  for (const [index, { name, partitions }] of mixedTopics.entries()) {
    const latest = await listOffsets(broker.port, name, partitions, 'latest')
    for (let partition = 0; partition < partitions; partition += 1) {
      const expected = acknowledged[index]?.[partition] ?? 0
      const found = end[index]?.[partition] ?? 0
      counted += found
      if (found === expected && latest[partition] === expected) continue
      lost += Math.abs(expected - found)
      errors.push(
        `${name}-${partition}: ${expected} acknowledged, ${found} read, ends at ${latest[partition]}`,
      )
    }
  }
  console.log(
    `${counted.toLocaleString('en-US')} records were acknowledged and read, in order and once`,
  )
  return lost
}
