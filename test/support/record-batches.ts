import { BatchBuilder, type BuildOptions } from '@varve/protocol'

/** A record batch with these values, as a producer would send it. */
export function batchOf(
  of: {
    readonly values: readonly (string | null)[]
    readonly timestamp?: number
    readonly key?: Buffer
  } & BuildOptions,
): Buffer {
  const { values, timestamp = 1000, key = null, ...how } = of
  const builder = new BatchBuilder()
  for (const value of values) builder.append({ key, value, timestamp })
  return builder.build(how)
}
