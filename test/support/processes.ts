import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** A broker in a process of its own, as `varve start` runs it: for tests that end it, and for measurements. */
export interface BrokerProcess {
  readonly port: number
  readonly bootstrap: string
  readonly dataFolder: string
  readonly pid: number
  readonly child: ChildProcess
  /** All that it printed so far, for the message of a test that failed. */
  output(): string
  /** SIGTERM, and the exit code. */
  stop(): Promise<number | null>
  /** SIGKILL: the data folder stays as the crash left it. */
  kill(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export interface BrokerProcessOptions {
  /** Kept when given; otherwise a temporary one, removed at the end. */
  readonly dataFolder?: string
  readonly port?: number
  readonly settings?: Readonly<Record<string, string>>
  readonly nodeArgs?: readonly string[]
  /** Options of the program beside settings, such as `--adopt`. */
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** `dist` is what users run, and must be built; `sources` is never stale, and starts slower. */
  readonly from?: 'dist' | 'sources'
  /** How long it may take to start, and to stop; 20 s without. */
  readonly patienceMs?: number
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const PATIENCE_MS = 20_000

/** Resolves when the broker takes connections; rejects with what it printed when it ended before that. */
export async function startBrokerProcess(
  options: BrokerProcessOptions = {},
): Promise<BrokerProcess> {
  const dataFolder = options.dataFolder ?? mkdtempSync(join(tmpdir(), 'varve-broker-'))
  const port = options.port ?? (await freePort())
  const settings = {
    listeners: `PLAINTEXT://127.0.0.1:${port}`,
    'log.dirs': dataFolder,
    ...options.settings,
  }
  const overrides = Object.entries(settings).flatMap(([name, value]) => [
    '--override',
    `${name}=${value}`,
  ])
  const args = [...program(options), ...overrides, ...(options.args ?? [])]
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, UV_THREADPOOL_SIZE: '16', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const printed: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => printed.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => printed.push(chunk))
  const output = (): string => Buffer.concat(printed).toString()
  const cleanUp = (): void => {
    if (options.dataFolder === undefined) rmSync(dataFolder, { recursive: true, force: true })
  }
  try {
    await listening(child, port, options.patienceMs ?? PATIENCE_MS)
  } catch (error) {
    await end(child, 'SIGKILL')
    cleanUp()
    throw new Error(`the broker did not start; it printed: ${output()}`, { cause: error })
  }
  return {
    port,
    bootstrap: `127.0.0.1:${port}`,
    dataFolder,
    pid: child.pid ?? -1,
    child,
    output,
    stop: () => end(child, 'SIGTERM', options.patienceMs),
    async kill() {
      await end(child, 'SIGKILL')
    },
    async [Symbol.asyncDispose]() {
      await end(child, 'SIGTERM')
      cleanUp()
    },
  }
}

function program(options: BrokerProcessOptions): string[] {
  const nodeArgs = options.nodeArgs ?? []
  if (options.from === 'dist') return [...nodeArgs, join(root, 'packages/broker/dist/main.js')]
  const main = join(root, 'packages/broker/src/main.ts')
  return [...nodeArgs, '--conditions=@varve/source', '--import', 'tsx', main]
}

async function listening(child: ChildProcess, port: number, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs
  while (performance.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('it ended')
    if (await accepts(port)) return
    await delay(10)
  }
  throw new Error(`nothing listens after ${withinMs} ms`)
}

function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Sends the signal and waits; what does not end in time is killed, so that no test leaves a process behind. */
export async function end(
  child: ChildProcess,
  signal: NodeJS.Signals,
  withinMs = PATIENCE_MS,
): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  const exited = once(child, 'exit') as Promise<[number | null]>
  child.kill(signal)
  const timer = setTimeout(() => child.kill('SIGKILL'), withinMs)
  const [code] = await exited
  clearTimeout(timer)
  return code
}
