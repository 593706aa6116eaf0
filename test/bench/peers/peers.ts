/**
 * `npm run bench -- peers [--quick] [--rounds N] [--only WORDS] [--pinned] [--json FILE] [--markdown FILE] [--write]`: Varve beside NATS
 * JetStream, Redis streams and RabbitMQ streams, for the loads that they have. Nothing is asked of anybody: no aim hangs on it.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { end } from '../../support/processes.ts'
import { pin } from '../accounting.ts'
import type { Measured } from '../generator.ts'
import { thisMachine } from '../machine.ts'
import { startGenerator } from '../workers.ts'
import type { PeerBench } from './kafka.ts'
import { putOut } from './output.ts'
import { type PeerCase, peerCases } from './peer-cases.ts'
import { nats, redis } from './peer-programs.ts'
import { peerRig, type Rig, type RunPeerLoad, varveRig } from './peer-rigs.ts'
import type { PeerProgram } from './peer-server.ts'
import { type CaseResult, resultTables } from './peer-tables.ts'
import { rabbitmq } from './rabbitmq.ts'

const SCALES = {
  whole: { forMs: 500, records: 100_000, steadyMs: 2_000 },
  quick: { forMs: 200, records: 20_000, steadyMs: 1_000 },
}
const VARVE_WARM_UP_MS = { whole: 20_000, quick: 3_000 }
/** Go and C are compiled before, and Erlang as it loads. */
const PEER_WARM_UP_MS = { whole: 5_000, quick: 1_000 }
const generatorFile = fileURLToPath(new URL('peer-generator.ts', import.meta.url))

/** Says whether there was something to measure beside, and all of it was measured. */
export async function benchPeers(options: PeerBench): Promise<boolean> {
  const { quick, rounds, only, pinned, output } = options
  const found = [await nats(), await redis(), await rabbitmq()]
  const programs = found.flatMap(each => each.programs)
  const notes = found.flatMap(each => each.notes)
  if (programs.length === 0) {
    console.log(notes.join('\n'))
    return false
  }
  const size = quick ? 'quick' : 'whole'
  const cases = peerCases(SCALES[size]).filter(
    ({ name }) => only === undefined || name.includes(only),
  )
  const { results, problems } = await measured(cases, programs, options)
  const { machine, date, commit } = thisMachine()
  const head = [
    `${machine}; commit ${commit}, ${date}`,
    `${rounds} rounds, each there and back; ${pinned ? 'brokers on core 0, generators on core 1' : 'nothing pinned'}`,
    ...(quick ? ['quick: warmed up for too short a time to be quoted'] : []),
    ...notes,
    ...problems.map(problem => `not measured: ${problem}`),
  ]
  putOut({ suite: 'peers', head, tables: resultTables(results), raw: { results } }, output)
  return problems.length === 0
}

interface Ran {
  readonly results: readonly CaseResult<Rig>[]
  /** What went wrong, which takes nothing from the rest. */
  readonly problems: readonly string[]
}

async function measured(
  cases: readonly PeerCase[],
  programs: readonly PeerProgram[],
  { quick, rounds, pinned }: PeerBench,
): Promise<Ran> {
  const size = quick ? 'quick' : 'whole'
  const generator = await startGenerator()
  const peerGenerator = await startPeerGenerator()
  const rigs: Rig[] = []
  try {
    const warmUps = { varveMs: VARVE_WARM_UP_MS[size], kafkaMs: 0 }
    for (const kind of ['relaxed', 'durable'] as const)
      rigs.push(await varveRig(kind, generator, warmUps))
    for (const program of programs)
      rigs.push(await peerRig(program, peerGenerator.run, PEER_WARM_UP_MS[size]))
    if (pinned) {
      for (const { pid } of rigs) pin(pid, '0')
      for (const pid of [generator.pid, peerGenerator.pid]) pin(pid, '1')
    }
    for (const rig of rigs) await heat(rig)
    const results: CaseResult<Rig>[] = []
    const problems: string[] = []
    for (const one of cases) {
      const began = performance.now()
      const able = rigs.filter(({ hasBatches }) => hasBatches || !one.isBatched)
      try {
        results.push(await one.run(able, rounds))
        process.stderr.write(`${one.name}: ${Math.round((performance.now() - began) / 1000)} s\n`)
      } catch (error) {
        problems.push(`${one.name}: ${(error as Error).message}`)
        process.stderr.write(`${problems.at(-1)}\n`)
      }
    }
    return { results, problems }
  } finally {
    await Promise.all(rigs.map(rig => rig[Symbol.asyncDispose]()))
    await Promise.all([generator.close(), peerGenerator.close()])
  }
}

async function heat(rig: Rig): Promise<void> {
  await rig.create('warm-up')
  const load = { recordBytes: 100, batchBytes: 0, inFlight: 50, forMs: rig.warmUpMs }
  const { records = 0 } = await rig.publish('warm-up', load)
  await rig.read('warm-up', records)
  await rig.remove('warm-up')
}

interface PeerGenerator {
  readonly pid: number
  readonly run: RunPeerLoad
  close(): Promise<void>
}

async function startPeerGenerator(): Promise<PeerGenerator> {
  const execArgv = ['--conditions=@varve/source', '--import', 'tsx']
  const child = fork(generatorFile, { execArgv })
  await once(child, 'message')
  return {
    pid: child.pid ?? -1,
    async run(load) {
      child.send(load)
      const [answer] = (await once(child, 'message')) as [{ measured?: Measured; problem?: string }]
      if (answer.measured !== undefined) return answer.measured
      throw new Error(`the load on ${load.protocol} ended: ${answer.problem}`)
    },
    close: async () => void (await end(child, 'SIGTERM')),
  }
}
