import { median } from './report.ts'

export interface Compared {
  /** Medians, in the unit of what the sides return. */
  readonly ours: number
  readonly raw: number
  /** The median of the ratios, each taken within one round. */
  readonly ratio: number
}

/** Lets two sides take turns (ours, raw, raw, ours), so that what changes on the machine meanwhile meets both. The first round is not counted. */
export async function abba(
  rounds: number,
  ours: () => Promise<number>,
  raw: () => Promise<number>,
): Promise<Compared> {
  const all: { ours: number; raw: number }[] = []
  for (let round = 0; round <= rounds; round += 1) {
    const first = await ours()
    const second = await raw()
    const third = await raw()
    const fourth = await ours()
    if (round > 0) all.push({ ours: (first + fourth) / 2, raw: (second + third) / 2 })
  }
  return {
    ours: median(all.map(one => one.ours)),
    raw: median(all.map(one => one.raw)),
    ratio: median(all.map(one => one.ours / one.raw)),
  }
}
