import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { end, freePort } from '../../support/processes.ts'

/** A Kafka broker, a single node with its controller, in a process of its own. */
export interface KafkaServer {
  readonly bootstrap: string
  /** Stops it in order. */
  stop(): Promise<void>
  /** What it printed, for the message of a failure. */
  output(): string
}

const STARTED_WITHIN_MS = 60_000
const STOPPED_WITHIN_MS = 60_000

/** Whether `install.sh` found what it takes to install the server. */
export function hasKafkaServer(cache: string): boolean {
  return existsSync(join(cache, 'server/jars'))
}

/** What a Java program of Kafka's server is started with. */
export function kafkaJava(cache: string, program: string, args: readonly string[]): string[] {
  return [
    ...['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
    ...['-cp', join(cache, 'server/jars/*'), program, ...args],
  ]
}

/** Formats a folder for Kafka, as its operator does before the first start. */
export async function formatKafkaFolder(cache: string, dataFolder: string): Promise<void> {
  await withProperties({ dataFolder, port: 0, controllerPort: 0 }, async path => {
    const args = ['format', '-t', 'MkU3OEVBNTcwNTJENDM2Qg', '-c', path]
    const child = spawn('java', kafkaJava(cache, 'kafka.tools.StorageTool', args), {
      stdio: 'ignore',
    })
    const [code] = (await once(child, 'close')) as [number | null]
    if (code !== 0) throw new Error(`Kafka's StorageTool ended with ${code}`)
  })
}

/** Starts Kafka on a data folder; resolves when it takes connections. */
export async function startKafkaServer(cache: string, dataFolder: string): Promise<KafkaServer> {
  const port = await freePort()
  const controllerPort = await freePort()
  return withProperties({ dataFolder, port, controllerPort }, async path => {
    const child = spawn('java', kafkaJava(cache, 'kafka.Kafka', [path]), {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const printed: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => printed.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => printed.push(chunk))
    const output = (): string => Buffer.concat(printed).toString()
    try {
      await listening(child, port)
    } catch (error) {
      await end(child, 'SIGKILL')
      throw new Error(`Kafka did not start on ${dataFolder}: ${output().slice(-2000)}`, {
        cause: error,
      })
    }
    return {
      bootstrap: `127.0.0.1:${port}`,
      output,
      async stop() {
        const code = await end(child, 'SIGTERM', STOPPED_WITHIN_MS)
        // A JVM that was asked to end says so in its exit code.
        if (code !== 143 && code !== 0)
          throw new Error(`Kafka ended with ${code}: ${output().slice(-2000)}`)
      },
    }
  })
}

async function withProperties<T>(
  at: { readonly dataFolder: string; readonly port: number; readonly controllerPort: number },
  use: (path: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'varve-kafka-'))
  const path = join(folder, 'server.properties')
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${at.controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${at.port},CONTROLLER://127.0.0.1:${at.controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': at.dataFolder,
    'offsets.topic.num.partitions': 3,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.num.partitions': 3,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.abort.timed.out.transaction.cleanup.interval.ms': 500,
    'group.initial.rebalance.delay.ms': 0,
    'log.cleaner.backoff.ms': 200,
  }
  writeFileSync(
    path,
    Object.entries(settings)
      .map(entry => entry.join('='))
      .join('\n'),
  )
  try {
    return await use(path)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function listening(child: ChildProcess, port: number): Promise<void> {
  const deadline = performance.now() + STARTED_WITHIN_MS
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`)
    if (await accepts(port)) return
    await delay(50)
  }
  throw new Error(`nothing listens after ${STARTED_WITHIN_MS} ms`)
}

function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
