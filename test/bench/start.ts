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
import { residentMegabytes } from './workers.ts'

const main = fileURLToPath(new URL('../../packages/broker/dist/main.js', import.meta.url))
const STARTS_WITHIN_MS = 20_000
const IDLE_MS = 1_000

/** From the start of the process to the first durable acknowledgement in an empty folder, and the memory of doing nothing. */
export async function startFigures(rounds: number): Promise<Figure[]> {
  const first: number[] = []
  const idle: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const { firstAckMs, idleMegabytes } = await startOnce()
    first.push(firstAckMs)
    idle.push(idleMegabytes)
  }
  return [
    { name: 'start to first acknowledgement', value: median(first), unit: 'ms', aim: 350 },
    { name: 'idle memory (resident)', value: median(idle), unit: 'MB', aim: 75 },
  ]
}

async function startOnce(): Promise<{ firstAckMs: number; idleMegabytes: number }> {
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
    await delay(IDLE_MS)
    return { firstAckMs, idleMegabytes: residentMegabytes(child.pid ?? -1) }
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
