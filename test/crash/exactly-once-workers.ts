/** Workers of `npm run prove -- exactly-once` as processes: started, heard, killed, and started again when they end by themselves. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Random } from '../../packages/broker/src/world.ts'
import { end } from '../support/processes.ts'

/** The worker's program as one file, which starts in a tenth of the time. */
export async function buildWorker(): Promise<{ readonly path: string; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'varve-worker-'))
  const path = join(folder, 'worker.mjs')
  await build({
    entryPoints: [fileURLToPath(new URL('exactly-once-worker.ts', import.meta.url))],
    ...{ outfile: path, bundle: true, platform: 'node', format: 'esm', target: 'node20.19' },
    ...{ conditions: ['@varve/source'], logLevel: 'warning' },
  })
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

export interface WorkersOptions {
  /** Of `buildWorker`. */
  readonly program: string
  readonly role: 'copy' | 'transfer'
  readonly count: number
  readonly port: number
  readonly protocol: 'classic' | 'consumer'
  readonly random: Random
  readonly hear: (line: string) => void
}

export class Workers {
  /** Why they ended by themselves, by how often. */
  readonly failures = new Map<string, number>()
  readonly #options: WorkersOptions
  readonly #children: (ChildProcess | undefined)[]
  #isRunning = false

  constructor(options: WorkersOptions) {
    this.#options = options
    this.#children = Array.from({ length: options.count })
  }

  start(): void {
    this.#isRunning = true
    for (const slot of this.#children.keys()) this.#children[slot] ??= this.#spawn(slot)
  }

  /** kill -9; another takes its place at once. */
  async killOne(): Promise<void> {
    const slot = this.#options.random.below(this.#children.length)
    const child = this.#children[slot]
    if (child !== undefined) await end(child, 'SIGKILL')
  }

  /** kill -9 of all; nobody takes their place until the next start. */
  async killAll(): Promise<void> {
    this.#isRunning = false
    const running = this.#children.filter(child => child !== undefined)
    await Promise.all(running.map(child => end(child, 'SIGKILL')))
  }

  #spawn(slot: number): ChildProcess {
    const { program, role, port, protocol, random } = this.#options
    const args = [role, port, slot, random.below(2 ** 31), protocol].map(String)
    const child = spawn(process.execPath, [program, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    createInterface({ input: child.stdout }).on('line', line => this.#heard(line))
    child.once('exit', () => {
      this.#children[slot] = this.#isRunning ? this.#spawn(slot) : undefined
    })
    return child
  }

  #heard(line: string): void {
    if (line.startsWith('failed ')) {
      const why = line.slice('failed '.length, 120)
      this.failures.set(why, (this.failures.get(why) ?? 0) + 1)
    } else this.#options.hear(line)
  }
}
