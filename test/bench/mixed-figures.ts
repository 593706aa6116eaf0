/** What a mixed load comes to. */
import type { LoopDelay } from './loop-watch.ts'
import { type Figure, median } from './report.ts'

const LOOP_AIM_MS = 50
const SLOPE_AIM = 1
/** Below that, what a slope says is noise. */
const AIMS_FROM_MINUTES = 10
/** Of each half, until its caches are full. */
const SETTLING_SHARE = 0.3

export interface Sampled {
  readonly minute: number
  readonly megabytes: number
}

export interface Half {
  readonly name: string
  readonly samples: readonly Sampled[]
  readonly loops: readonly LoopDelay[]
}

export interface Ended {
  readonly minutes: number
  readonly errors: number
  readonly lost: number
  /** In MB/s: what a program alone wrote and synced, and what the broker took before the halves. */
  readonly rawRate: number
  readonly taken: number
}

/** Figures of a run that is too short for its aims begin with `short`. */
export function figuresOf(halves: readonly Half[], ended: Ended): Figure[] {
  const { minutes, errors, lost, rawRate, taken } = ended
  const isLong = minutes >= AIMS_FROM_MINUTES
  const load = isLong ? 'mixed load' : 'short mixed load'
  const figures = halves.flatMap(({ name, samples, loops }): Figure[] => {
    const of = (figure: (loop: LoopDelay) => number): number => median(loops.map(figure))
    const mebibytes = (bytes: number): number => bytes / 2 ** 20
    const label = `${load} ${name}`
    return [
      {
        name: `${label}: slope of the resident memory`,
        value: slope(samples),
        ...{ unit: 'MB/min', aim: isLong ? SLOPE_AIM : undefined },
      },
      {
        name: `${label}: most resident memory`,
        value: Math.max(...samples.map(({ megabytes }) => megabytes)),
        ...{ unit: 'MB', aim: undefined },
      },
      {
        name: `${label}: heap`,
        value: of(({ memory }) => mebibytes(memory.heapUsed)),
        ...{ unit: 'MB', aim: undefined },
      },
      {
        name: `${label}: external memory`,
        value: of(({ memory }) => mebibytes(memory.external)),
        ...{ unit: 'MB', aim: undefined },
      },
      {
        name: `${label}: loop delay p99, worst window`,
        value: Math.max(...loops.map(({ wallP99Ms }) => wallP99Ms)),
        ...{ unit: 'ms', aim: isLong ? LOOP_AIM_MS : undefined },
      },
    ]
  })
  return [
    ...figures,
    { name: `${load}: what the disk takes`, value: rawRate, unit: 'MB/s', aim: undefined },
    { name: `${load}: what the broker takes`, value: taken, unit: 'MB/s', aim: undefined },
    { name: `${load}: records lost`, value: lost, unit: 'records', aim: 0 },
    { name: `${load}: errors`, value: errors, unit: 'errors', aim: 0 },
  ]
}

/** By least squares, without the time in which caches fill. */
export function slope(samples: readonly Sampled[]): number {
  const settled = samples.slice(Math.floor(samples.length * SETTLING_SHARE))
  const mean = (of: (one: Sampled) => number): number =>
    settled.reduce((sum, one) => sum + of(one), 0) / settled.length
  const minute = mean(one => one.minute)
  const megabytes = mean(one => one.megabytes)
  const together = settled.reduce(
    (sum, one) => sum + (one.minute - minute) * (one.megabytes - megabytes),
    0,
  )
  return together / settled.reduce((sum, one) => sum + (one.minute - minute) ** 2, 0)
}
