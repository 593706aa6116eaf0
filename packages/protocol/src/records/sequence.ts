const SEQUENCE_MAX = 0x7fff_ffff

/** The producer sequence `count` records after `sequence`: after 2147483647 comes 0. */
export function addToSequence(sequence: number, count: number): number {
  return sequence > SEQUENCE_MAX - count ? count - (SEQUENCE_MAX - sequence) - 1 : sequence + count
}
