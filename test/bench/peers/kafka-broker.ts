/** Apache Kafka as its own start script runs it on one node: KRaft, 1 GiB of heap, G1, the settings that it is shipped with. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatKafkaFolder } from '../../interop/folders/kafka-server.ts'
import { end } from '../../support/processes.ts'

/** What `kafka-server-start.sh` and `kafka-run-class.sh` of 4.x give to Java when nobody asks for anything else. */
const JVM = [
  ...['-Xmx1G', '-Xms1G', '-server', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20'],
  ...['-XX:InitiatingHeapOccupancyPercent=35', '-XX:+ExplicitGCInvokesConcurrent'],
  '-Djava.awt.headless=true',
]

/** What `config/server.properties` of 4.x says, and what is asked of ours too. */
const SHIPPED = {
  'process.roles': 'broker,controller',
  'node.id': '1',
  'controller.listener.names': 'CONTROLLER',
  'num.network.threads': '3',
  'num.io.threads': '8',
  'socket.send.buffer.bytes': '102400',
  'socket.receive.buffer.bytes': '102400',
  'socket.request.max.bytes': '104857600',
  'num.partitions': '1',
  'num.recovery.threads.per.data.dir': '2',
  'offsets.topic.replication.factor': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'log.segment.bytes': '1073741824',
  'log.retention.check.interval.ms': '300000',
}
const STOPPED_WITHIN_MS = 60_000

/** A folder that Kafka can start in, formatted as its operator does it once. */
export interface KafkaHome {
  readonly dataFolder: string
  /** Starts it there; it takes connections only some seconds later. */
  spawn(port: number, controllerPort: number): ChildProcess
  /** The last of what it printed. */
  output(): string
  stop(child: ChildProcess): Promise<void>
  remove(): void
}

export interface KafkaHomeOptions {
  readonly cache: string
  readonly settings: Readonly<Record<string, string>>
}

export async function makeKafkaHome({ cache, settings }: KafkaHomeOptions): Promise<KafkaHome> {
  const home = mkdtempSync(join(tmpdir(), 'varve-bench-kafka-'))
  const dataFolder = join(home, 'data')
  const printed = join(home, 'printed')
  mkdirSync(dataFolder)
  await formatKafkaFolder(cache, dataFolder)
  return {
    dataFolder,
    spawn(port, controllerPort) {
      const all = {
        ...SHIPPED,
        ...settings,
        listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
        'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
        'log.dirs': dataFolder,
      }
      const properties = join(home, 'server.properties')
      const lines = Object.entries(all).map(entry => entry.join('='))
      writeFileSync(properties, lines.join('\n'))
      const gcLog = `-Xlog:gc*:file=${join(home, 'gc.log')}:time,tags:filecount=10,filesize=100M`
      const quiet = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn']
      const logged = `-Dorg.slf4j.simpleLogger.logFile=${printed}`
      const jars = ['-cp', join(cache, 'server/jars/*')]
      const args = [...JVM, gcLog, ...quiet, logged, ...jars, 'kafka.Kafka', properties]
      return spawn('java', args, { stdio: 'ignore' })
    },
    output: () => (existsSync(printed) ? readFileSync(printed, 'utf8').slice(-2_000) : ''),
    async stop(child) {
      await end(child, 'SIGTERM', STOPPED_WITHIN_MS)
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  }
}
