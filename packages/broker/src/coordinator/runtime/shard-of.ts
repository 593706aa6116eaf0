const INT32_MIN = -2_147_483_648

/**
 * The partition of an internal topic that keeps what belongs to `key`. It is Kafka's own mapping (seen with a Kafka 4.1: the absolute value of
 * Java's hash, not the `toPositive` of producers), so that either broker finds in the other's log what it looks for.
 */
export function shardOf(key: string, partitionCount: number): number {
  const hash = javaHash(key)
  return (hash === INT32_MIN ? 0 : Math.abs(hash)) % partitionCount
}

/** Java's `String.hashCode`: over the UTF-16 code units, in 32 bits. */
function javaHash(text: string): number {
  let hash = 0
  for (let index = 0; index < text.length; index++)
    hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0
  return hash
}
