/** What one load of a broker came to, ours or another's. */
import type { Sample } from '../accounting.ts'
import { median } from '../report.ts'
import type { Taken } from '../turns.ts'
import { residentMegabytes } from '../workers.ts'

/** One load, or the mean of the two loads of a round. What a load does not have is not a number. */
export interface PeerTurn {
  readonly perSecond: number
  /** Units for each second of the broker's processor. */
  readonly perCpuSecond: number
  readonly brokerCores: number
  readonly generatorCores: number
  /** All that the machine's cores did for each second of the load, neighbours as well. */
  readonly machineCores: number
  /** Bytes that the disk gave for each byte that was read. */
  readonly fromDisk: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly ackP99Ms: number
  readonly residentMegabytes: number
}

export type Metric = keyof PeerTurn
export type Measurements<S> = Taken<S, PeerTurn>

export interface TurnFacts {
  readonly pid: number
  readonly units: number
  readonly diskBytes: number
}

export function peerTurn(sample: Sample, { pid, units, diskBytes }: TurnFacts): PeerTurn {
  return {
    perSecond: (units * 1000) / sample.elapsedMs,
    perCpuSecond: (units * 1000) / sample.serverCpuMs,
    brokerCores: sample.serverCpuMs / sample.elapsedMs,
    generatorCores: sample.generatorCores,
    machineCores: sample.machineCpuMs / sample.elapsedMs,
    fromDisk: diskBytes / (sample.recordsBytes ?? Number.NaN),
    p50Ms: sample.latencies?.endToEnd.p50Ms ?? Number.NaN,
    p99Ms: sample.latencies?.endToEnd.p99Ms ?? Number.NaN,
    ackP99Ms: sample.latencies?.acknowledged.p99Ms ?? Number.NaN,
    residentMegabytes: residentMegabytes(pid),
  }
}

export function medianOf<S>({ turns }: Measurements<S>, metric: Metric): number {
  return median(turns.map(turn => turn[metric]))
}

/** The median of one side's figures over another's, each ratio taken within one round. */
export function ratioOver<S>(
  ours: Measurements<S>,
  theirs: Measurements<S>,
  metric: Metric,
): number {
  return median(
    ours.turns.map((turn, round) => turn[metric] / (theirs.turns[round]?.[metric] ?? Number.NaN)),
  )
}
