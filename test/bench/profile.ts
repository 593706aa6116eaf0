/**
 * `npm run bench -- --profile CASE`: where a broker's processor time goes in one case. Leaves a `.cpuprofile`, which a browser's developer
 * tools or `npx speedscope` show as a flame graph, and prints what the threads did and the functions with the most time of their own.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrokerProcess, startBrokerProcess } from '../support/processes.ts'
import { ioCalls } from './accounting.ts'
import type { Load } from './generator.ts'
import { kafkaCases } from './peers/kafka-cases.ts'
import { benchSettings } from './stage.ts'
import { asTable } from './table.ts'
import { createTopic, deleteTopic } from './topics.ts'
import { wholeCases } from './whole-cases.ts'
import { writersLoad } from './whole-durable.ts'
import { fanOutLoad } from './whole-fan-out.ts'
import { growthLoad } from './whole-growth.ts'
import { cpuMs, type Generator, loopCpuMs, startGenerator } from './workers.ts'

const FOLDER = '.cache/profiles'
const PROFILED_MS = 6_000
const INTERVAL_US = '200'
const LINES = 30

interface Profiled {
  readonly name: string
  readonly partitions: number
  readonly load: (port: number, topic: string) => Load
  readonly fill?: (port: number, topic: string) => Load
  readonly keepsTopic?: boolean
}

const KAFKA_SCALE = { forMs: 1_500, logBytes: 384 * 2 ** 20, openMs: PROFILED_MS }
const FAN_OUT = { batchBytes: 2 ** 20, seconds: PROFILED_MS / 1000 }
const WRITERS = { writers: 64, requests: 40_000 }
const GROWN = [1, 10, 100, 1_000, 10_000]
const GROWN_REQUESTS = 80_000
const BESIDE: readonly Profiled[] = [
  ...GROWN.map(count => grown('partitions', count)),
  ...GROWN.map(count => grown('connections', count)),
  {
    name: 'fan-out',
    partitions: 1,
    load: (port, topic) => fanOutLoad(port, topic, FAN_OUT).load,
  },
  {
    name: 'acks, 64 writers',
    partitions: 1,
    load: (port, topic) => writersLoad(port, topic, WRITERS),
  },
]

/** The first round of it opens files, which is not asked about. */
function grown(grows: 'partitions' | 'connections', count: number): Profiled {
  const requested = (requests: number) => (port: number, topic: string) =>
    growthLoad(port, topic, { grows, count, requests })
  return {
    name: `growth, ${count} ${grows}`,
    partitions: grows === 'partitions' ? count : 1,
    load: requested(Math.max(GROWN_REQUESTS, count)),
    fill: requested(2 * count),
  }
}

/** What is profiled when `name` says `durable` too is the durable broker; otherwise the relaxed one. */
export async function profileCase(name: string): Promise<void> {
  const isDurable = name.includes('durable')
  const wanted = name.replace(/,? *durable */, '')
  const all: readonly Profiled[] = [...wholeCases(1), ...BESIDE, ...kafkaCases(KAFKA_SCALE)]
  const one = all.find(each => each.name.includes(wanted))
  if (one === undefined) {
    const names = all.map(each => each.name).join('\n  ')
    console.error(
      `No case is named like "${wanted}"; there are, each with or without "durable":\n  ${names}`,
    )
    process.exitCode = 2
    return
  }
  const folder = mkdtempSync(join(tmpdir(), 'varve-profile-'))
  const broker = await startBrokerProcess({
    from: 'dist',
    nodeArgs: ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval', INTERVAL_US],
    settings: { ...benchSettings, 'flush.mode': isDurable ? 'durable' : 'relaxed' },
  })
  const generator = await startGenerator()
  let ran: Ran
  try {
    ran = await loaded(one, broker, generator)
  } finally {
    await generator.close()
    await broker.stop()
    await broker[Symbol.asyncDispose]()
  }
  // The main thread has the lowest number; workers of the broker write theirs, too.
  const [file = ''] = readdirSync(folder).filter(each => each.endsWith('.0.001.cpuprofile'))
  mkdirSync(FOLDER, { recursive: true })
  const kept = join(
    FOLDER,
    `${`${one.name}${isDurable ? ' durable' : ''}`.replaceAll(/[^a-zA-Z0-9]+/g, '-')}.cpuprofile`,
  )
  renameSync(join(folder, file), kept)
  console.log(`${one.name}, ${isDurable ? 'durable' : 'relaxed'}: ${kept}\n`)
  const profile = JSON.parse(readFileSync(kept, 'utf8')) as CpuProfile
  console.log(`${toldOf(ran)}\n\n${asTable(selfTimes(profile, ran))}`)
}

/** What the loads took, setting up not among it. */
interface Ran {
  /** In microseconds of the machine's own clock: starting and stopping are not what is asked about. */
  readonly beganUs: number
  readonly endedUs: number
  readonly elapsedMs: number
  readonly requests: number
  readonly generatorMs: number
  readonly loopMs: number
  readonly processMs: number
  /** Of files and sockets. */
  readonly readCalls: number
  readonly writeCalls: number
}

function toldOf({ elapsedMs, requests, ...ran }: Ran): string {
  const perSecond = Math.round((requests * 1000) / elapsedMs).toLocaleString('en-US')
  const perRequest = ((ran.processMs * 1000) / requests).toFixed(1)
  const share = (ms: number): string => `${Math.round((ms * 100) / elapsedMs)} %`
  return (
    `${perSecond} requests/s, ${perRequest} us of processor each. Of a core: the broker's loop ${share(ran.loopMs)}, ` +
    `its other threads (the disk, V8) ${share(ran.processMs - ran.loopMs)}, the generator ${share(ran.generatorMs)}. ` +
    `For a request: ${(ran.readCalls / requests).toFixed(3)} calls that read files or sockets, ${(ran.writeCalls / requests).toFixed(3)} that write.`
  )
}

async function loaded(
  one: Profiled,
  { port, pid }: BrokerProcess,
  generator: Generator,
): Promise<Ran> {
  const isKept = one.fill !== undefined || one.keepsTopic === true
  if (isKept) await createTopic(port, 'kept', one.partitions)
  if (one.fill !== undefined) await generator.run(one.fill(port, 'kept'))
  const beganUs = nowUs()
  const sum = { elapsedMs: 0, requests: 0, generatorMs: 0 }
  const broker = { loopMs: 0, processMs: 0, readCalls: 0, writeCalls: 0 }
  const until = performance.now() + PROFILED_MS
  for (let run = 0; performance.now() < until; run += 1) {
    const topic = isKept ? 'kept' : `profiled-${run}`
    if (!isKept) await createTopic(port, topic, one.partitions)
    let before = spentBy(pid)
    const measured = await generator.run(one.load(port, topic), () => {
      before = spentBy(pid)
    })
    const after = spentBy(pid)
    for (const field of Object.keys(broker) as (keyof typeof broker)[])
      broker[field] += after[field] - before[field]
    sum.elapsedMs += measured.elapsedMs
    sum.requests += measured.requests
    sum.generatorMs += measured.generatorCpuMs
    if (!isKept) await deleteTopic(port, topic)
  }
  return { beganUs, endedUs: nowUs(), ...sum, ...broker }
}

function nowUs(): number {
  return Number(process.hrtime.bigint() / 1000n)
}

function spentBy(pid: number): Pick<Ran, 'loopMs' | 'processMs' | 'readCalls' | 'writeCalls'> {
  const { readCalls, writeCalls } = ioCalls(pid)
  return { loopMs: loopCpuMs(pid), processMs: cpuMs(pid), readCalls, writeCalls }
}

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: {
      readonly functionName: string
      readonly url: string
      readonly lineNumber: number
    }
  }[]
  /** In microseconds, on the machine's own clock. */
  readonly startTime: number
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** By function: its own time, and its share of all that was not idle. */
function selfTimes(profile: CpuProfile, { beganUs, endedUs }: Ran): string[][] {
  const { nodes, samples, timeDeltas, startTime } = profile
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => {
      const place =
        url === '' ? '' : ` ${url.replace(/^.*\/(packages|node_modules)\//, '')}:${lineNumber + 1}`
      return [id, `${functionName === '' ? '(anonymous)' : functionName}${place}`]
    }),
  )
  const times = new Map<string, number>()
  let at = startTime
  for (const [index, id] of samples.entries()) {
    const delta = timeDeltas[index] ?? 0
    at += delta
    if (at < beganUs || at > endedUs) continue
    const name = names.get(id) ?? '?'
    times.set(name, (times.get(name) ?? 0) + delta)
  }
  times.delete('(idle)')
  const busy = [...times.values()].reduce((sum, time) => sum + time, 0)
  const most = [...times].toSorted(([, a], [, b]) => b - a).slice(0, LINES)
  return [
    ['self', 'share', 'function'],
    ...most.map(([name, time]) => [
      `${(time / 1000).toFixed(0)} ms`,
      `${((time * 100) / busy).toFixed(1)} %`,
      name,
    ]),
  ]
}
