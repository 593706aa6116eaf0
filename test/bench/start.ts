import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { end, freePort } from '../support/processes.ts'
import { askBytes } from './ask.ts'
import { produceFrame } from './frames.ts'
import { type Figure, median } from './report.ts'
import { createTopic } from './topics.ts'
import { cpuMs, residentMegabytes } from './workers.ts'

const main = fileURLToPath(new URL('../../packages/broker/dist/main.js', import.meta.url))
const STARTS_WITHIN_MS = 20_000
const IDLE_MS = 1_000

/** From the start of the process to the first durable acknowledgement in an empty folder, and the memory of doing nothing. */
export async function startFigures(rounds: number): Promise<Figure[]> {
  const starts: Start[] = []
  for (let round = 0; round < rounds; round += 1) starts.push(await startOnce())
  return [
    {
      name: 'start to first acknowledgement',
      value: median(starts.map(start => start.firstAckMs)),
      unit: 'ms',
      aim: 350,
      cpuMs: median(starts.map(start => start.cpuMs)),
    },
    {
      name: 'idle memory (resident)',
      value: median(starts.map(start => start.idleMegabytes)),
      unit: 'MB',
      aim: 75,
    },
  ]
}

interface Start {
  readonly firstAckMs: number
  /** Of the processor, until the first acknowledgement. */
  readonly cpuMs: number
  readonly idleMegabytes: number
}

async function startOnce(): Promise<Start> {
  const folder = mkdtempSync(join(tmpdir(), 'varve-start-'))
  const port = await freePort()
  const frame = produceFrame({ topic: 'first', partition: 0, recordBytes: 100, batchBytes: 0 })
  const settings = [`listeners=PLAINTEXT://127.0.0.1:${port}`, `log.dirs=${folder}`]
  const overrides = settings.flatMap(setting => ['--override', setting])
  const began = performance.now()
  const child = spawn(process.execPath, [main, ...overrides], { stdio: 'ignore' })
  try {
    await retried(() => createTopic(port, 'first', 1))
    await askBytes(port, frame)
    const firstAckMs = performance.now() - began
    const pid = child.pid ?? -1
    const cpu = cpuMs(pid)
    await delay(IDLE_MS)
    return { firstAckMs, cpuMs: cpu, idleMegabytes: residentMegabytes(pid) }
  } finally {
    await end(child, 'SIGTERM')
    rmSync(folder, { recursive: true, force: true })
  }
}

async function retried(attempt: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + STARTS_WITHIN_MS
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (performance.now() > deadline) throw error
      await delay(2)
    }
  }
}
