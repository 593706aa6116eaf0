/** The process that a broker runs in, as far as `main.ts` and `start-broker.ts` have to do with it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** The arguments of the command, without Node and the script. */
export const commandArguments = (): readonly string[] => process.argv.slice(2)

export const environment = (): { readonly [name: string]: string | undefined } => process.env

export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

export function printError(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** The content of a text file; undefined when it cannot be read. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  }
}

/** The path from the root, with slashes also where the system writes backslashes. */
export function absolutePath(path: string): string {
  return resolve(path).replaceAll('\\', '/')
}

/** Calls `stop` at the first request to end (Ctrl-C, `kill`), and `force` at every further one. */
export function onStopSignals(stop: () => void, force: () => void): void {
  let count = 0
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      count++
      if (count === 1) stop()
      else force()
    })
  }
}

/** Calls `crashed` with what nobody caught. */
export function onCrash(crashed: (reason: Error) => void): void {
  const report = (thrown: unknown) =>
    crashed(thrown instanceof Error ? thrown : new Error(String(thrown)))
  process.on('uncaughtException', report)
  process.on('unhandledRejection', report)
}

export function exit(code: number): never {
  process.exit(code)
}

export interface TemporaryDirectory {
  readonly path: string
  remove(): void
}

/** A folder that goes away with `remove`, and with the process at the latest. */
export function makeTemporaryDirectory(): TemporaryDirectory {
  const path = mkdtempSync(join(tmpdir(), 'varve-'))
  const removeNow = () => rmSync(path, { recursive: true, force: true, maxRetries: 3 })
  process.once('exit', removeNow)
  return {
    path: absolutePath(path),
    remove: () => {
      process.off('exit', removeNow)
      removeNow()
    },
  }
}

/**
 * Gives the thread pool enough threads for reads and syncs at once. Node takes the size when the pool is first used, and loading
 * modules may use it: the launcher sets it before, this is for those who start without one.
 */
export function widenThreadPool(): void {
  process.env['UV_THREADPOOL_SIZE'] ??= '16'
}
