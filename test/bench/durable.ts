import type { Sides } from './against-null.ts'
import { bareSyncs } from './bare-sync.ts'
import { median, type Ratio, type Row } from './report.ts'
import { createTopic, deleteTopic } from './topics.ts'
import { cpuMs } from './workers.ts'

const RECORD_BYTES = 1024
const CONNECTIONS_MAX = 8

/** One record under way for each of so many partitions, each answer after its sync; beside one file written and synced in a loop. */
export async function durableAcknowledgements(
  options: Sides,
): Promise<{ rows: Row[]; ratios: Ratio[] }> {
  const rows: Row[] = []
  const ratios: Ratio[] = []
  for (const partitions of [1, 32, 128]) {
    const name = `durable acks, ${partitions} partitions`
    if (options.only !== undefined && !name.includes(options.only)) continue
    const { ours, cpuUs, bare } = await measure(partitions, options)
    const common = { case: name, unit: 'acks/s', durability: 'synced to the disk' }
    rows.push({
      ...common,
      side: 'write and sync, one file',
      perSecond: bare,
      serverCpuUs: undefined,
    })
    rows.push({ ...common, side: 'varve durable', perSecond: ours, serverCpuUs: cpuUs })
    ratios.push({ name, ratio: ours / bare, aim: undefined })
  }
  return { rows, ratios }
}

async function measure(partitions: number, { rounds, scale, generator, durable }: Sides) {
  const ours: number[] = []
  const cpu: number[] = []
  const bare: number[] = []
  const connections = Math.min(partitions, CONNECTIONS_MAX)
  const groups = 400 * scale
  for (let round = 0; round <= rounds; round += 1) {
    const topic = `durable-${partitions}-${round}`
    await createTopic(durable.port, topic, partitions)
    const before = cpuMs(durable.pid)
    const { elapsedMs, requests } = await generator.run({
      type: 'produce',
      port: durable.port,
      topic,
      requests: groups * partitions,
      recordBytes: RECORD_BYTES,
      batchBytes: 0,
      partitions,
      connections,
      inFlight: partitions / connections,
    })
    const serverCpuMs = cpuMs(durable.pid) - before
    await deleteTopic(durable.port, topic)
    const bound = await bareSyncs(partitions, RECORD_BYTES, groups)
    if (round === 0) continue
    ours.push((requests * 1000) / elapsedMs)
    cpu.push((serverCpuMs * 1000) / requests)
    bare.push(bound)
  }
  return { ours: median(ours), cpuUs: median(cpu), bare: median(bare) }
}
