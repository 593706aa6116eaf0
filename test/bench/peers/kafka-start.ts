/** From the start of a process on an empty folder to its first acknowledged record, and its memory when nothing happens. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { decodeResponse, errorName, Produce } from '@varve/protocol'
import { end, freePort } from '../../support/processes.ts'
import { cpuTreeMs } from '../accounting.ts'
import { askBytes } from '../ask.ts'
import { PRODUCE_VERSION, produceFrame } from '../frames.ts'
import { median } from '../report.ts'
import { createTopic } from '../topics.ts'
import { residentMegabytes } from '../workers.ts'
import { makeKafkaHome } from './kafka-broker.ts'

const varveMain = fileURLToPath(new URL('../../../packages/broker/dist/main.js', import.meta.url))
const STARTS_WITHIN_MS = 60_000
const RETRY_MS = 2

/** Medians over the rounds. */
export interface StartFigures {
  readonly side: string
  readonly firstAckMs: number
  readonly cpuMs: number
  readonly idleMegabytes: number
}

export interface StartOptions {
  readonly cache: string
  readonly rounds: number
  readonly idleMs: number
}

export async function measureStarts(options: StartOptions): Promise<StartFigures[]> {
  const varve: Start[] = []
  const kafka: Start[] = []
  for (let round = 0; round < options.rounds; round += 1) {
    const turns = [() => varveOnce(options).then(start => varve.push(start))]
    turns.push(() => kafkaOnce(options).then(start => kafka.push(start)))
    for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn()
  }
  return [medians('varve durable', varve), medians('kafka default', kafka)]
}

type Start = Omit<StartFigures, 'side'>

function medians(side: string, starts: readonly Start[]): StartFigures {
  return {
    side,
    firstAckMs: median(starts.map(start => start.firstAckMs)),
    cpuMs: median(starts.map(start => start.cpuMs)),
    idleMegabytes: median(starts.map(start => start.idleMegabytes)),
  }
}

async function varveOnce(options: StartOptions): Promise<Start> {
  const folder = mkdtempSync(join(tmpdir(), 'varve-start-'))
  const port = await freePort()
  const settings = [`listeners=PLAINTEXT://127.0.0.1:${port}`, `log.dirs=${folder}`]
  const overrides = settings.flatMap(setting => ['--override', setting])
  try {
    const start = (): ChildProcess =>
      spawn(process.execPath, [varveMain, ...overrides], { stdio: 'ignore' })
    return await timed(start, port, options)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The folder is formatted before the clock starts. */
async function kafkaOnce(options: StartOptions): Promise<Start> {
  const home = await makeKafkaHome({ cache: options.cache, settings: {} })
  const [port, controllerPort] = [await freePort(), await freePort()]
  try {
    return await timed(() => home.spawn(port, controllerPort), port, options)
  } finally {
    home.remove()
  }
}

async function timed(
  start: () => ChildProcess,
  port: number,
  { idleMs }: StartOptions,
): Promise<Start> {
  const began = performance.now()
  const child = start()
  const pid = child.pid ?? -1
  try {
    await retried(() => createTopic(port, 'first', 1))
    await retried(() => produceOne(port))
    const firstAckMs = performance.now() - began
    const cpuMs = cpuTreeMs(pid)
    await delay(idleMs)
    return { firstAckMs, cpuMs, idleMegabytes: residentMegabytes(pid) }
  } finally {
    await end(child, 'SIGTERM', STARTS_WITHIN_MS)
  }
}

async function produceOne(port: number): Promise<void> {
  const one = { topic: 'first', partition: 0, recordBytes: 100, batchBytes: 0 }
  const answer = await askBytes(port, produceFrame(one))
  const { response } = decodeResponse(Produce, PRODUCE_VERSION, answer)
  const code = response.responses[0]?.partitionResponses[0]?.errorCode ?? -1
  if (code !== 0) throw new Error(`the first record was refused: ${errorName(code)}`)
}

async function retried(attempt: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + STARTS_WITHIN_MS
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (performance.now() > deadline) throw error
      await delay(RETRY_MS)
    }
  }
}
