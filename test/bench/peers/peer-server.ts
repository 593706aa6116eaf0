/** Another broker in a process of its own, on a loopback port and in a folder of its own on the disk that ours is on. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { end } from '../../support/processes.ts'

export type Protocol = 'nats' | 'redis' | 'rabbitmq'

export interface PeerServer extends AsyncDisposable {
  readonly name: string
  readonly answerMeans: string
  readonly protocol: Protocol
  readonly port: number
  /** Of the process that does the work. */
  readonly pid: number
}

/** Given a folder, what to run there. */
export interface PeerProgram {
  readonly name: string
  readonly answerMeans: string
  readonly protocol: Protocol
  readonly port: number
  readonly start: (folder: string) => PeerCommand
}

export interface PeerCommand {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Which process does the work, where it is not the one that was started. */
  readonly worker?: (child: ChildProcess) => number
  /** Others that it needs, ended with it. */
  readonly beside?: readonly ChildProcess[]
}

const STARTS_WITHIN_MS = 60_000

export async function startPeer(program: PeerProgram): Promise<PeerServer> {
  const { name, answerMeans, protocol, port } = program
  const folder = mkdtempSync(join(tmpdir(), 'varve-bench-peer-'))
  const { command, args, env, worker, beside = [] } = program.start(folder)
  const child = spawn(command, [...args], {
    ...{ cwd: folder, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  })
  let printed = ''
  const keep = (chunk: Buffer): void => void (printed = `${printed}${String(chunk)}`.slice(-2_000))
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  let pid = child.pid ?? -1
  const dispose = async (): Promise<void> => {
    if (pid !== child.pid && child.exitCode === null) process.kill(pid, 'SIGTERM')
    await end(child, 'SIGTERM')
    for (const one of beside) await end(one, 'SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await listening(child, port)
    if (worker !== undefined) pid = worker(child)
  } catch (error) {
    await dispose()
    throw new Error(`${name} did not start; it printed: ${printed}`, { cause: error })
  }
  return { name, answerMeans, protocol, port, pid, [Symbol.asyncDispose]: dispose }
}

async function listening(child: ChildProcess, port: number): Promise<void> {
  const deadline = performance.now() + STARTS_WITHIN_MS
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`)
    const socket = connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return
    } catch {
      await delay(50)
    } finally {
      socket.destroy()
    }
  }
  throw new Error(`nothing listens after ${STARTS_WITHIN_MS} ms`)
}
