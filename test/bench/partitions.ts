/**
 * `npm run bench -- partitions [--partitions N]`: a broker with ten thousand partitions that hold data. How long it takes to stop and to
 * start again, in order and after `kill -9`, what it costs to have them idle, and how many files are open.
 */
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { BatchBuilder, crc32c, encodeRequest, Produce } from '@varve/protocol'
import { type BrokerProcess, startBrokerProcess } from '../support/processes.ts'
import { askBytes } from './ask.ts'
import { PRODUCE_VERSION, produceFrame } from './frames.ts'
import { loopWatch } from './loop-watch.ts'
import { createTopic } from './topics.ts'
import { cpuMs, residentMegabytes } from './workers.ts'

const PARTITIONS_PER_TOPIC = 1_000
const PARTITIONS_PER_REQUEST = 250
const ROUNDS = 3
const RECORD_BYTES = 1_024
const IDLE_MS = 5_000
/** Only so that a broker which takes long is measured, and not ended. */
const PATIENCE_MS = 300_000
const AIMS = { readyMs: 1_500, idleMegabytes: 400 }

export interface PartitionsBench {
  readonly partitions: number
  /** Node's own options for the broker, such as `--cpu-prof`. */
  readonly nodeArgs: readonly string[]
}

/** Says whether the aims were met. */
export async function benchPartitions(options: PartitionsBench): Promise<boolean> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'varve-partitions-'))
  try {
    await makeFolder(dataFolder, options)
    const clean = await measureStart(dataFolder, options, 'after a clean stop')
    await stopped(clean.broker, 'stop of an idle broker')
    const again = await measureStart(dataFolder, options, 'after a stop that had nothing to do')
    await produceEverywhere(again.broker.port, options.partitions, 1)
    await again.broker.kill()
    const crashed = await measureStart(dataFolder, options, 'after kill -9')
    await stopped(crashed.broker, 'stop after that')
    return (
      clean.readyMs <= AIMS.readyMs && clean.idleMegabytes <= AIMS.idleMegabytes && clean.isBounded
    )
  } finally {
    rmSync(dataFolder, { recursive: true, force: true })
  }
}

async function makeFolder(dataFolder: string, options: PartitionsBench): Promise<void> {
  const broker = await started(dataFolder, options, [])
  const createMs = await timed(async () => {
    for (const topic of topicsOf(options.partitions))
      await createTopic(broker.port, topic.name, topic.partitions)
  })
  const produceMs = await timed(() => produceEverywhere(broker.port, options.partitions, ROUNDS))
  console.log(
    `${options.partitions} partitions made in ${seconds(createMs)}, ${ROUNDS} batches of 1 KiB to each in ${seconds(produceMs)}, ` +
      `${openFiles(broker.pid)} files open, ${residentMegabytes(broker.pid).toFixed(0)} MB`,
  )
  await stopped(broker, 'first stop, with everything to sync')
}

interface Started {
  readonly broker: BrokerProcess
  readonly readyMs: number
  readonly idleMegabytes: number
  readonly isBounded: boolean
}

async function measureStart(
  dataFolder: string,
  options: PartitionsBench,
  name: string,
): Promise<Started> {
  const watch = loopWatch()
  const began = performance.now()
  const broker = await started(dataFolder, options, watch.nodeArgs, watch.env)
  const readyMs = performance.now() - began
  const startCpuMs = cpuMs(broker.pid)
  const [topic] = topicsOf(options.partitions)
  const frame = { topic: topic?.name ?? '', partition: 7, recordBytes: 100, batchBytes: 0 }
  await askBytes(broker.port, produceFrame(frame))
  const firstAckMs = performance.now() - began
  const loop = await watch.seen(broker.pid)
  await delay(IDLE_MS)
  const idleMegabytes = residentMegabytes(broker.pid)
  const files = openFiles(broker.pid)
  const { wallMaxMs, cpuMaxMs } = loop
  console.log(
    `start ${name}: ready in ${seconds(readyMs)} (${seconds(startCpuMs)} of processor), first acknowledgement ${seconds(firstAckMs)}, ` +
      `loop held up to ${wallMaxMs.toFixed(0)} ms (${cpuMaxMs.toFixed(0)} ms of processor); ` +
      `idle ${idleMegabytes.toFixed(0)} MB, ${files} files open`,
  )
  return { broker, readyMs, idleMegabytes, isBounded: files < options.partitions }
}

function started(
  dataFolder: string,
  { nodeArgs }: PartitionsBench,
  watchArgs: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<BrokerProcess> {
  return startBrokerProcess({
    ...{ from: 'dist', dataFolder, env, patienceMs: PATIENCE_MS },
    nodeArgs: [...nodeArgs, ...watchArgs],
    settings: { 'auto.create.topics.enable': 'false', 'log.retention.ms': '-1' },
  })
}

async function stopped(broker: BrokerProcess, name: string): Promise<void> {
  let code: number | null = null
  const elapsedMs = await timed(async () => {
    code = await broker.stop()
  })
  console.log(`${name}: ${seconds(elapsedMs)}`)
  if (code !== 0) throw new Error(`the broker ended with ${code}: ${broker.output().slice(-2_000)}`)
}

function topicsOf(partitions: number): { readonly name: string; readonly partitions: number }[] {
  return Array.from({ length: Math.ceil(partitions / PARTITIONS_PER_TOPIC) }, (_, index) => ({
    name: `many-${index}`,
    partitions: Math.min(PARTITIONS_PER_TOPIC, partitions - index * PARTITIONS_PER_TOPIC),
  }))
}

/** `rounds` batches of one record to each partition, many partitions in one request. */
async function produceEverywhere(port: number, partitions: number, rounds: number): Promise<void> {
  const builder = new BatchBuilder(RECORD_BYTES * 2)
  builder.append({ key: null, value: Buffer.alloc(RECORD_BYTES, 'varve-'), timestamp: Date.now() })
  const records = builder.build({ crc32c })
  for (let round = 0; round < rounds; round += 1) {
    for (const topic of topicsOf(partitions)) {
      for (let from = 0; from < topic.partitions; from += PARTITIONS_PER_REQUEST) {
        const count = Math.min(PARTITIONS_PER_REQUEST, topic.partitions - from)
        const partitionData = Array.from({ length: count }, (_, index) => ({
          index: from + index,
          records,
        }))
        const topicData = [{ name: topic.name, partitionData }]
        const request = { transactionalId: null, acks: -1, timeoutMs: 60_000, topicData }
        const header = { correlationId: 1, clientId: 'bench' }
        await askBytes(
          port,
          Buffer.concat(encodeRequest(Produce, PRODUCE_VERSION, header, request)),
        )
      }
    }
  }
}

/** Regular files that the process has open. */
function openFiles(pid: number): number {
  const folder = `/proc/${pid}/fd`
  return readdirSync(folder).filter(name => {
    try {
      return readlinkSync(join(folder, name)).includes('varve-partitions-')
    } catch {
      return false
    }
  }).length
}

async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(2)} s`
