import { execFileSync } from 'node:child_process'
import { cpus, release, totalmem } from 'node:os'

/** What a figure is worth nothing without. */
export interface Machine {
  readonly machine: string
  readonly date: string
  /** With `+` when the tree had changes. */
  readonly commit: string
}

export function thisMachine(): Machine {
  const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim()
  const gigabytes = (totalmem() / 2 ** 30).toFixed(0)
  const model = cpus()[0]?.model ?? 'unknown'
  return {
    machine: `${cpus().length} x ${model}, ${gigabytes} GiB, Linux ${release()}, Node ${process.version}`,
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
    commit: `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', 'packages') === '' ? '' : '+'}`,
  }
}
