/**
 * `npm run bench -- groups`: a thousand members over ten thousand partitions, and how long their rebalances hold the broker's event loop,
 * beside a broker that has nothing to do; and offset commits a second beside plain appends of one record.
 */
import { startBrokerProcess } from '../support/processes.ts'
import type { CrowdPlan } from './group-crowd.ts'
import { type LoopDelay, loopWatch } from './loop-watch.ts'
import { median } from './report.ts'
import { createTopic } from './topics.ts'
import { cpuMs, type Generator, startCrowd, startGenerator } from './workers.ts'

export interface GroupsBench {
  readonly rounds: number
  readonly scale: number
  readonly only: string | undefined
}

const MEMBERS = 1_000
const PARTITIONS = 10_000
const CONNECTIONS = 24
const AIM_CPU_MS = 50
/** How many members come and go at once in a change. */
const CHANGES = [1, 10, 100]

/** Says whether the aim was met. */
export async function benchGroups(options: GroupsBench): Promise<boolean> {
  let isMet = true
  for (const protocol of ['classic', 'consumer'] as const) {
    if (options.only !== undefined && !`members ${protocol}`.includes(options.only)) continue
    isMet = (await rebalances(protocol)) && isMet
  }
  if (options.only === undefined || 'commits'.includes(options.only)) await commits(options)
  return isMet
}

async function rebalances(protocol: CrowdPlan['protocol']): Promise<boolean> {
  const watch = loopWatch()
  const idleWatch = loopWatch()
  await using broker = await startBrokerProcess({
    from: 'dist',
    nodeArgs: watch.nodeArgs,
    env: watch.env,
    settings: {
      'auto.create.topics.enable': 'false',
      'group.consumer.max.size': String(MEMBERS),
      'group.consumer.heartbeat.interval.ms': '5000',
    },
  })
  await using idle = await startBrokerProcess({
    from: 'dist',
    nodeArgs: idleWatch.nodeArgs,
    env: idleWatch.env,
  })
  await createTopic(broker.port, 'crowded', PARTITIONS)
  await using crowd = await startCrowd()
  const plan: CrowdPlan = {
    ...{
      port: broker.port,
      groupId: 'crowd',
      protocol,
      members: MEMBERS,
      connections: CONNECTIONS,
    },
    ...{ topic: 'crowded', partitions: PARTITIONS, beatMs: 500 },
  }
  let isMet = true
  const report = async (name: string, order: Parameters<typeof crowd.follow>[0]): Promise<void> => {
    await Promise.all([watch.seen(broker.pid), idleWatch.seen(idle.pid)])
    const before = cpuMs(broker.pid)
    const { elapsedMs, answers } = await crowd.follow(order)
    const took = cpuMs(broker.pid) - before
    const [ours, bare] = await Promise.all([watch.seen(broker.pid), idleWatch.seen(idle.pid)])
    isMet = ours.cpuP99Ms <= AIM_CPU_MS && isMet
    console.log(
      `${protocol}, ${name}: at rest after ${elapsedMs.toFixed(0)} ms, ${answers} answers, ${took.toFixed(0)} ms of processor`,
    )
    console.log(`  event loop, ours: ${asText(ours)}`)
    console.log(`  event loop, idle: ${asText(bare)}`)
  }
  await report(`${MEMBERS} members join`, { type: 'begin', plan })
  for (const members of CHANGES) {
    await report(`${members} leave and ${members} join`, { type: 'change', members })
  }
  return isMet
}

const asText = ({ cpuP99Ms, cpuMaxMs, wallP99Ms, wallMaxMs, ticks }: LoopDelay): string =>
  `held p99 ${cpuP99Ms.toFixed(1)} ms, most ${cpuMaxMs.toFixed(1)} ms of processor (aim p99 <= ${AIM_CPU_MS}); ` +
  `delay p99 ${wallP99Ms.toFixed(1)} ms, most ${wallMaxMs.toFixed(1)} ms of wall; ${ticks} ticks`

async function commits({ rounds, scale }: GroupsBench): Promise<void> {
  await using broker = await startBrokerProcess({
    from: 'dist',
    settings: { 'auto.create.topics.enable': 'false' },
  })
  const generator = await startGenerator()
  try {
    await createTopic(broker.port, 'plain', 4)
    const commit: number[] = []
    const append: number[] = []
    const commitCpu: number[] = []
    const appendCpu: number[] = []
    const load = { port: broker.port, topic: 'plain', requests: 10_000 * scale, connections: 4 }
    for (let round = 0; round <= rounds; round += 1) {
      const committed = await measured(broker.pid, generator, {
        ...{ ...load, type: 'commit', inFlight: 16 },
      })
      const appended = await measured(broker.pid, generator, {
        ...{ ...load, type: 'produce', inFlight: 16, partitions: 4 },
        ...{ recordBytes: 100, batchBytes: 0 },
      })
      if (round === 0) continue
      commit.push(committed.perSecond)
      commitCpu.push(committed.cpuUs)
      append.push(appended.perSecond)
      appendCpu.push(appended.cpuUs)
    }
    const line = (name: string, perSecond: number[], cpuUs: number[]): string =>
      `${name}: ${median(perSecond).toFixed(0)} a second, ${median(cpuUs).toFixed(1)} us of processor each`
    console.log(line('offset commits', commit, commitCpu))
    console.log(line('appends of one record', append, appendCpu))
    console.log(
      `commits over appends: ${(median(commit) / median(append)).toFixed(2)} by wall, ${(median(appendCpu) / median(commitCpu)).toFixed(2)} by processor`,
    )
  } finally {
    await generator.close()
  }
}

async function measured(
  pid: number,
  generator: Generator,
  load: Parameters<Generator['run']>[0],
): Promise<{ readonly perSecond: number; readonly cpuUs: number }> {
  const before = cpuMs(pid)
  const { elapsedMs, requests } = await generator.run(load)
  return {
    perSecond: (requests * 1000) / elapsedMs,
    cpuUs: ((cpuMs(pid) - before) * 1000) / requests,
  }
}
