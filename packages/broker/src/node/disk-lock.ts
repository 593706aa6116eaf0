/**
 * The `.lock` file of a data folder. Kafka holds a POSIX lock on a file of this name; Node has no such call, so the file
 * says who holds it: process id and start time (a process id is reused, the pair is not), with boot and process-id namespace.
 * A lock of a process that is gone is taken over at once; one of another container, whose processes cannot be seen from here,
 * when its holder has not touched it for a while.
 */

import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { setInterval } from 'node:timers'
import { setTimeout as sleep } from 'node:timers/promises'
import { type DirectoryLock, DiskError } from '../world.ts'
import { codeOf, diskErrorOf } from './disk-error.ts'

const TOUCH_EVERY_MS = 2_000
const UNTOUCHED_IS_STALE_MS = 7_000
const ATTEMPTS = 8

interface Holder {
  readonly pid: number
  readonly startTime: string
  readonly boot: string
  readonly namespace: string
  readonly token: string
}

/** Takes the folder until `release`, or rejects with `ELOCKED`. */
export const lockDirectory = async (directory: string): Promise<DirectoryLock> => {
  const path = `${directory}/.lock`
  const content = JSON.stringify(thisProcess())
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (createWhole(path, content)) return holdLock(path, content)
    const found = readIfThere(path)
    if (found === undefined) continue
    if (await isHeld(path, found)) throw new DiskError('lock', directory, 'ELOCKED')
    removeStale(path, found)
  }
  throw new DiskError('lock', directory, 'ELOCKED')
}

/** Whether a living process holds the folder. Nothing is changed. */
export const isDirectoryLocked = async (directory: string): Promise<boolean> => {
  const path = `${directory}/.lock`
  const content = readIfThere(path)
  return content !== undefined && (await isHeld(path, content))
}

const holdLock = (path: string, content: string): DirectoryLock => {
  const touching = setInterval(() => touch(path), TOUCH_EVERY_MS)
  touching.unref()
  return {
    release: async () => {
      clearInterval(touching)
      if (readIfThere(path) === content) fs.rmSync(path, { force: true })
    },
  }
}

/** Makes the file with its content in one step, so that nobody sees it half-written. False: it is there already. */
const createWhole = (path: string, content: string): boolean => {
  const temporary = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`
  try {
    fs.writeFileSync(temporary, content, { flag: 'wx' })
    fs.linkSync(temporary, path)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw diskErrorOf('lock', path, error)
  } finally {
    fs.rmSync(temporary, { force: true })
  }
}

/** Moves a stale lock away. When another process was faster and it is its fresh lock that was moved, it is put back. */
const removeStale = (path: string, stale: string): void => {
  const aside = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`
  try {
    fs.renameSync(path, aside)
    if (fs.readFileSync(aside, 'utf8') !== stale) fs.linkSync(aside, path)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'EEXIST') {
      throw diskErrorOf('lock', path, error)
    }
  } finally {
    fs.rmSync(aside, { force: true })
  }
}

const isHeld = async (path: string, content: string): Promise<boolean> => {
  const holder = parseHolder(content)
  if (holder === undefined) return isHeldByKafka(path)
  const self = thisProcess()
  if (holder.boot !== self.boot) return false
  if (holder.namespace !== self.namespace) return isTouched(path)
  return isAlive(holder.pid) && startTimeOf(holder.pid) === holder.startTime
}

/** Watches whether a holder that cannot be seen still touches its lock. */
const isTouched = async (path: string): Promise<boolean> => {
  const before = modifiedMs(path)
  await sleep(UNTOUCHED_IS_STALE_MS)
  return modifiedMs(path) !== before
}

/** Kafka leaves an empty `.lock` behind and holds a POSIX lock on it while it runs; Linux lists those by inode. */
const isHeldByKafka = (path: string): boolean => {
  const locks = readIfThere('/proc/locks')
  if (locks === undefined) return false
  const { ino } = fs.statSync(path)
  return locks.split('\n').some(line => line.includes(`:${ino} `))
}

const thisProcess = (): Holder => ({
  pid: process.pid,
  startTime: startTimeOf(process.pid),
  boot: readIfThere('/proc/sys/kernel/random/boot_id')?.trim() ?? '',
  namespace: namespaceOfThisProcess(),
  token: randomBytes(12).toString('hex'),
})

const parseHolder = (content: string): Holder | undefined => {
  try {
    const parsed: unknown = JSON.parse(content)
    const isHolder = typeof parsed === 'object' && parsed !== null && 'pid' in parsed
    return isHolder && typeof parsed.pid === 'number' ? (parsed as Holder) : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

/** The start of a process in ticks since boot, the 22nd field of its `stat`; empty where there is no /proc, or no such process. */
const startTimeOf = (pid: number): string => {
  const stat = readIfThere(`/proc/${pid}/stat`)
  if (stat === undefined) return ''
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

const namespaceOfThisProcess = (): string => {
  try {
    return fs.readlinkSync('/proc/self/ns/pid')
  } catch (error) {
    return codeOf(error)
  }
}

const readIfThere = (path: string): string | undefined => {
  try {
    return fs.readFileSync(path, 'utf8')
  } catch (error) {
    const isAbsent = codeOf(error) === 'ENOENT' || codeOf(error) === 'ESRCH'
    if (isAbsent || path.startsWith('/proc/')) return undefined
    throw diskErrorOf('read', path, error)
  }
}

const modifiedMs = (path: string): number => {
  try {
    return fs.statSync(path).mtimeMs
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 0
    throw diskErrorOf('look at', path, error)
  }
}

/** A failed touch is no harm: the holder is asked for by process id first. */
const touch = (path: string): void => {
  const now = new Date()
  fs.utimes(path, now, now, () => undefined)
}
