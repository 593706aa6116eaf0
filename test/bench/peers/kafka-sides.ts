/** The four brokers of `npm run bench -- kafka`: ours relaxed and durable, Kafka as shipped and with a flush for every append. */
import { setTimeout as delay } from 'node:timers/promises'
import { ApiVersions } from '@varve/protocol'
import { freePort, startBrokerProcess } from '../../support/processes.ts'
import { cpuTreeMs } from '../accounting.ts'
import { ask } from '../ask.ts'
import { cpuMs } from '../workers.ts'
import { makeKafkaHome } from './kafka-broker.ts'

/** A broker that speaks Kafka's protocol, and takes loads. */
export interface Side extends AsyncDisposable {
  readonly name: string
  /** What an acknowledgement promises. */
  readonly answerMeans: string
  readonly port: number
  readonly pid: number
  readonly dataFolder: string
  /** How long it is warmed up before anything counts. */
  readonly warmUpMs: number
  /** Reads how long its process had a processor, in milliseconds. */
  readonly cpuMs: (pid: number) => number
}

export interface WarmUps {
  readonly varveMs: number
  readonly kafkaMs: number
}

/** A topic that a load is done with is gone soon, and none comes into being by a typing error. */
const VARVE_SETTINGS = {
  'auto.create.topics.enable': 'false',
  'log.segment.delete.delay.ms': '0',
}
/** Kafka looks for what is to be deleted as often as this says, and with 0 it does nothing else: a tenth of a core, idle. */
const KAFKA_SETTINGS = { ...VARVE_SETTINGS, 'log.segment.delete.delay.ms': '200' }
const KAFKA_READY_WITHIN_MS = 60_000

export async function startVarve(kind: 'relaxed' | 'durable', warmUps: WarmUps): Promise<Side> {
  const settings = kind === 'relaxed' ? { 'flush.mode': 'relaxed' } : {}
  const broker = await startBrokerProcess({
    from: 'dist',
    settings: { ...VARVE_SETTINGS, ...settings },
  })
  return {
    name: `varve ${kind}`,
    answerMeans: kind === 'relaxed' ? 'in the page cache' : 'synced to the disk',
    port: broker.port,
    pid: broker.pid,
    dataFolder: broker.dataFolder,
    warmUpMs: warmUps.varveMs,
    cpuMs,
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  }
}

export async function startKafka(
  cache: string,
  kind: 'default' | 'durable',
  warmUps: WarmUps,
): Promise<Side> {
  const durable = kind === 'durable' ? { 'log.flush.interval.messages': '1' } : {}
  const home = await makeKafkaHome({ cache, settings: { ...KAFKA_SETTINGS, ...durable } })
  const port = await freePort()
  const child = home.spawn(port, await freePort())
  const dispose = async (): Promise<void> => {
    await home.stop(child)
    home.remove()
  }
  try {
    await untilItAnswers(port)
  } catch (error) {
    const printed = home.output()
    await dispose()
    throw new Error(`Apache Kafka did not start; it printed: ${printed}`, { cause: error })
  }
  return {
    name: `kafka ${kind}`,
    answerMeans: kind === 'default' ? 'in the page cache' : 'synced to the disk',
    port,
    pid: child.pid ?? -1,
    dataFolder: home.dataFolder,
    warmUpMs: warmUps.kafkaMs,
    // A JVM's compiler threads come and go: those that ended count as well.
    cpuMs: cpuTreeMs,
    [Symbol.asyncDispose]: dispose,
  }
}

async function untilItAnswers(port: number): Promise<void> {
  const deadline = performance.now() + KAFKA_READY_WITHIN_MS
  const request = { clientSoftwareName: 'varve-bench', clientSoftwareVersion: '1' }
  for (;;) {
    try {
      await ask({ port, api: ApiVersions, version: 3, request })
      return
    } catch (error) {
      if (performance.now() > deadline) throw error
      await delay(50)
    }
  }
}
