/** What a load cost: the server's processor time, the machine's (which has the kernel's work for sockets in it), and the generator's own. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import type { Load, Measured } from './generator.ts'
import { cpuMs, type Generator } from './workers.ts'

/** `/proc` counts in hundredths of a second, on every Linux that people run. */
const TICK_MS = 10
/** A generator above this share of a core was what limited the case. */
export const GENERATOR_LIMIT_CORES = 0.9

export interface Sample extends Measured {
  readonly serverCpuMs: number
  /** All that the machine did meanwhile, neighbours as well. */
  readonly machineCpuMs: number
  /** Of one core, on average. */
  readonly generatorCores: number
}

/**
 * Runs a load and says what it took, from when it says that it begins, or all of it. `serverMs` reads the server's clock; that of one
 * process and its threads when left out.
 */
export async function accounted(
  pid: number,
  load: (begin: () => void) => Promise<Measured>,
  serverMs: (pid: number) => number = cpuMs,
): Promise<Sample> {
  let machine = machineCpuMs()
  let server = serverMs(pid)
  const measured = await load(() => {
    machine = machineCpuMs()
    server = serverMs(pid)
  })
  return {
    ...measured,
    serverCpuMs: serverMs(pid) - server,
    machineCpuMs: machineCpuMs() - machine,
    generatorCores: measured.generatorCpuMs / measured.elapsedMs,
  }
}

/** The same for a load of the generator: what connecting and preparing take is not in it. */
export function accountedLoad(pid: number, generator: Generator, load: Load): Promise<Sample> {
  return accounted(pid, begin => generator.run(load, begin))
}

/** Milliseconds that the cores of the machine were busy since it started: programs, kernel and interrupts. */
export function machineCpuMs(): number {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n')
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = line
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number)
  return (user + nice + system + irq + softirq) * TICK_MS
}

/** Milliseconds of a process, the children that it waited for, and those that live, by the kernel's ticks. */
export function cpuTreeMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  const own = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index] ?? 0), 0)
  const children = readdirSync(`/proc/${pid}/task`).flatMap(thread =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim().split(' '),
  )
  return children
    .filter(child => child !== '')
    .reduce((sum, child) => sum + cpuTreeMs(Number(child)), own * TICK_MS)
}

/** Keeps all threads of a process, and those that they will start, on the given cores: `'0'`, `'0-1'`. */
export function pin(pid: number, cores: string): void {
  execFileSync('taskset', ['-acp', cores, String(pid)], { stdio: 'ignore' })
}

/** Bytes that a process read by calls, sockets as well, and bytes that had to come from the disk for it. */
export function readBytes(pid: number): { readonly byCalls: number; readonly fromDisk: number } {
  return { byCalls: ioField(pid, 'rchar'), fromDisk: ioField(pid, 'read_bytes') }
}

/** How often a process called the kernel to read or write, sockets as well. */
export function ioCalls(pid: number): { readonly readCalls: number; readonly writeCalls: number } {
  return { readCalls: ioField(pid, 'syscr'), writeCalls: ioField(pid, 'syscw') }
}

function ioField(pid: number, name: string): number {
  const text = readFileSync(`/proc/${pid}/io`, 'utf8')
  return Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(text)?.[1])
}

/** Everything of the file system that holds the folder is on the disk when this returns. */
export function syncFolder(folder: string): void {
  execFileSync('sync', ['-f', folder])
}

/** The kernel forgets what it has cached of the files below a folder; what is not yet on the disk is written first. */
export function forgetCached(folder: string): void {
  syncFolder(folder)
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = `${entry.parentPath}/${entry.name}`
    execFileSync('dd', [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none'])
  }
}
