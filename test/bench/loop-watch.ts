/** What `loop-delay.mjs` sees in another process. */
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export interface LoopDelay {
  readonly number: number
  readonly ticks: number
  /** Processor time of the loop's thread between two ticks of 5 ms. */
  readonly cpuP99Ms: number
  readonly cpuMaxMs: number
  readonly wallP99Ms: number
  readonly wallMaxMs: number
  /** In bytes, at the end. */
  readonly memory: {
    readonly rss: number
    readonly heapUsed: number
    readonly external: number
    readonly arrayBuffers: number
  }
}

/** How to start a process that is watched, and how to ask what was seen since the last time. */
export interface LoopWatch {
  readonly nodeArgs: readonly string[]
  readonly env: Readonly<Record<string, string>>
  seen(pid: number): Promise<LoopDelay>
}

const ANSWERED_WITHIN_MS = 10_000

export function loopWatch(): LoopWatch {
  const file = join(mkdtempSync(join(tmpdir(), 'varve-loop-')), 'delay.json')
  let asked = 0
  return {
    nodeArgs: ['--import', fileURLToPath(new URL('loop-delay.mjs', import.meta.url))],
    env: { VARVE_LOOP_FILE: file },
    async seen(pid) {
      asked += 1
      process.kill(pid, 'SIGUSR2')
      const deadline = performance.now() + ANSWERED_WITHIN_MS
      while (performance.now() < deadline) {
        await delay(5)
        const report = existsSync(file)
          ? (JSON.parse(readFileSync(file, 'utf8')) as LoopDelay)
          : undefined
        if (report?.number === asked) return report
      }
      throw new Error(`process ${pid} does not say how its loop fares`)
    },
  }
}
