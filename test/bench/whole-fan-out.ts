/** One producer and twenty who wait at the tail: what a delivered gigabyte costs beside a fetch of the null broker, and whether a disk is read. */
import { accountedLoad, readBytes } from './accounting.ts'
import { recordsInBatch } from './frames.ts'
import type { Load, ProduceLoad } from './generator.ts'
import { type Figure, median } from './report.ts'
import type { Side, Stage } from './stage.ts'

const CONSUMERS = 20
const PRODUCED_BYTES_PER_SECOND = 24 * 2 ** 20
const AIM = 1.3
const FETCHED_PER_ROUND = 500
const GIGABYTE = 1e9
/** In MB, of about a gigabyte that is delivered: requests and wake-ups are read by calls as well. */
const READ_AIM = 5

/** The tail cache holds more than two seconds of it: who is not that late needs no file. */
const FORMS = [
  { name: '1 MiB batches', batchBytes: 2 ** 20, aim: AIM },
  { name: '64 KiB batches', batchBytes: 65_536, aim: undefined },
] as const

export interface FanOutOptions {
  readonly rounds: number
  readonly seconds: number
}

interface FannedOut {
  readonly cpuSecondsPerGigabyte: number
  readonly generatorCores: number
  /** Beyond what came through sockets. */
  readonly readByCalls: number
  readonly readFromDisk: number
}

let topics = 0

export async function fanOut(stage: Stage, { rounds, seconds }: FanOutOptions): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const { name, batchBytes, aim } of FORMS) {
    const ours: FannedOut[] = []
    const least: FannedOut[] = []
    const bound: number[] = []
    for (let round = 0; round <= rounds; round += 1) {
      const before = await nullFetch(stage, batchBytes)
      const one = await delivered(stage.relaxed, stage, { batchBytes, seconds })
      const bare = await delivered(stage.nothing, stage, { batchBytes, seconds })
      const after = await nullFetch(stage, batchBytes)
      if (round === 0) continue
      ours.push(one)
      least.push(bare)
      bound.push((before + after) / 2)
    }
    const of = (field: keyof FannedOut): number => median(ours.map(one => one[field]))
    const label = `fan-out to ${CONSUMERS}, ${name}`
    const over = ours.map((one, round) => one.cpuSecondsPerGigabyte / (bound[round] ?? Number.NaN))
    const isFixed = { aim: undefined }
    figures.push(
      {
        name: `${label}: cpu per delivered GB over the null fetch`,
        value: median(over),
        unit: 'times',
        aim,
      },
      {
        name: `${label}: cpu per delivered GB`,
        value: of('cpuSecondsPerGigabyte'),
        unit: 's',
        ...isFixed,
      },
      { name: `${label}: null fetch, cpu per GB`, value: median(bound), unit: 's', ...isFixed },
      {
        name: `${label}: null broker doing the same, cpu per delivered GB`,
        value: median(least.map(one => one.cpuSecondsPerGigabyte)),
        unit: 's',
        ...isFixed,
      },
      {
        name: `${label}: cpu per delivered GB over the null broker doing the same`,
        value: median(
          ours.map(
            (one, round) =>
              one.cpuSecondsPerGigabyte / (least[round]?.cpuSecondsPerGigabyte ?? Number.NaN),
          ),
        ),
        unit: 'times',
        ...isFixed,
      },
      { name: `${label}: read from the disk`, value: of('readFromDisk') / 1e6, unit: 'MB', aim: 0 },
      {
        name: `${label}: read from files`,
        value: of('readByCalls') / 1e6,
        unit: 'MB',
        aim: READ_AIM,
      },
      { name: `${label}: generator`, value: of('generatorCores'), unit: 'cores', ...isFixed },
    )
  }
  for (const { name, value, unit, aim } of figures)
    console.log(`${name}: ${value.toFixed(3)} ${unit}${aim === undefined ? '' : ` (aim ${aim})`}`)
  return figures
}

async function nullFetch({ nothing, generator }: Stage, maxBytes: number): Promise<number> {
  const requests = Math.ceil((FETCHED_PER_ROUND * 2 ** 20) / maxBytes)
  const sample = await accountedLoad(nothing.pid, generator, {
    ...{ type: 'fetch', port: nothing.port, topic: 'nothing', requests, inFlight: 4 },
    ...{ offset: 0, maxBytes },
  })
  return sample.serverCpuMs / 1000 / (sample.answerBytes / GIGABYTE)
}

interface Delivery {
  readonly batchBytes: number
  readonly seconds: number
}

export interface FanOut {
  readonly load: Load
  /** What each consumer gets. */
  readonly records: number
}

export function fanOutLoad(port: number, topic: string, delivery: Delivery): FanOut {
  const { batchBytes, seconds } = delivery
  const perSecond = PRODUCED_BYTES_PER_SECOND / batchBytes
  const requests = Math.ceil(perSecond * seconds)
  const produce: ProduceLoad = {
    ...{ type: 'produce', port, topic, requests, perSecond, recordBytes: 1_000, batchBytes },
    ...{ partitions: 1, connections: 1, inFlight: 8 },
  }
  const records = requests * recordsInBatch(produce.recordBytes, batchBytes)
  const consumer: Load = {
    ...{ type: 'consume', port, topic, partitions: [0], connections: 1, until: records },
    ...{ maxBytes: 2 ** 20, minBytes: 1, maxWaitMs: 500 },
  }
  const consumers = Array.from({ length: CONSUMERS }, () => consumer)
  return { load: { type: 'together', loads: [produce, ...consumers] }, records }
}

/** The broker's whole work: the produce as well. */
async function delivered(side: Side, stage: Stage, delivery: Delivery): Promise<FannedOut> {
  topics += 1
  const topic = `fan-out-${topics}`
  await side.prepare(topic, 1)
  await side.nothing?.serve('tail')
  const { load, records: until } = fanOutLoad(side.port, topic, delivery)
  const read = readBytes(side.pid)
  const sample = await accountedLoad(side.pid, stage.generator, load)
  const readSince = readBytes(side.pid)
  const [produced, ...consumed] = sample.parts ?? []
  if (consumed.some(({ records }) => records !== until))
    throw new Error(`not every consumer was given all ${until} records`)
  const received = (produced?.requests ?? 0) * delivery.batchBytes
  const gigabytes = consumed.reduce((sum, { recordsBytes = 0 }) => sum + recordsBytes, 0) / GIGABYTE
  await side.check(topic, [until])
  await side.clear(topic)
  return {
    cpuSecondsPerGigabyte: sample.serverCpuMs / 1000 / gigabytes,
    generatorCores: sample.generatorCores,
    readByCalls: Math.max(0, readSince.byCalls - read.byCalls - received * 1.02),
    readFromDisk: readSince.fromDisk - read.fromDisk,
  }
}
