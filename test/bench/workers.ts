import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { end } from '../support/processes.ts'
import type { Load, Measured } from './generator.ts'
import type { CrowdOrder, CrowdRest } from './group-crowd.ts'

const execArgv = ['--conditions=@varve/source', '--import', 'tsx']

/** The load generator, started once for all cases. */
export interface Generator {
  readonly pid: number
  /** `begin` is called when everything is connected and prepared, before the first request. */
  run(load: Load, begin?: () => void): Promise<Measured>
  close(): Promise<void>
}

interface Said {
  readonly ready?: boolean
  readonly measured?: Measured
  readonly problem?: string
}

async function said(child: ChildProcess): Promise<Said> {
  const ended = (code: number | null): void => {
    child.emit('message', { problem: `the generator ended with ${code}` })
  }
  child.once('exit', ended)
  const [answer] = (await once(child, 'message')) as [Said]
  child.off('exit', ended)
  return answer
}

export async function startGenerator(): Promise<Generator> {
  const child = start('generator.ts')
  await once(child, 'message')
  return {
    pid: child.pid ?? -1,
    async run(load, begin) {
      child.send({ load })
      let answer = await said(child)
      if (answer.ready === true) {
        begin?.()
        child.send('go')
        answer = await said(child)
      }
      if (answer.measured === undefined) throw new Error(`the load ended: ${answer.problem}`)
      return answer.measured
    },
    close: async () => void (await end(child, 'SIGTERM')),
  }
}

/** The members of one group. */
export interface Crowd extends AsyncDisposable {
  /** Resolves when everybody is at rest again. */
  follow(order: CrowdOrder): Promise<CrowdRest>
}

export async function startCrowd(): Promise<Crowd> {
  const child = start('group-crowd.ts')
  await once(child, 'message')
  return {
    async follow(order) {
      child.send(order)
      const [answer] = (await once(child, 'message')) as [{ rest?: CrowdRest; problem?: string }]
      if (answer.rest === undefined) throw new Error(`the crowd ended: ${answer.problem}`)
      return answer.rest
    },
    [Symbol.asyncDispose]: async () => void (await end(child, 'SIGKILL')),
  }
}

export interface NullBroker {
  readonly port: number
  readonly pid: number
  readonly folder: string
  /** How it answers fetches from now on, until it is reset. */
  serve(from: 'memory' | 'file' | 'tail'): Promise<void>
  /** Empties its file. */
  reset(): Promise<void>
  close(): Promise<void>
}

/** `synced`: it acknowledges what is on the disk, many at once; without, what is in the page cache. */
export async function startNullBroker(
  appends: 'cached' | 'synced' = 'cached',
): Promise<NullBroker> {
  const child = start('null-broker.ts', [appends])
  const [{ port, folder }] = (await once(child, 'message')) as [{ port: number; folder: string }]
  const tell = async (message: string): Promise<void> => {
    child.send(message)
    await once(child, 'message')
  }
  return {
    port,
    pid: child.pid ?? -1,
    folder,
    serve: tell,
    reset: () => tell('reset'),
    async close() {
      // It removes its folder when it is left alone.
      const exited = once(child, 'exit')
      child.disconnect()
      await exited
    },
  }
}

function start(file: string, args: readonly string[] = []): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), args, { execArgv })
}

/** Milliseconds of processor that a process took, over all its threads; finer than the ticks of `stat`. */
export function cpuMs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`)
  return threads.reduce((sum, thread) => sum + threadCpuMs(pid, thread), 0)
}

/** The same of the thread that runs its event loop. */
export function loopCpuMs(pid: number): number {
  return threadCpuMs(pid, String(pid))
}

function threadCpuMs(pid: number, thread: string): number {
  const schedstat = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8')
  const [nanoseconds = '0'] = schedstat.split(' ')
  return Number(nanoseconds) / 1e6
}

export function residentMegabytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes ?? 0) / 1024
}
