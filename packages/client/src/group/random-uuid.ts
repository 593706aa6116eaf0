import type { Random } from '../platform.ts'

/** A random UUID (version 4), as Kafka writes the ids of members: 16 bytes in base64url. */
export function randomUuid(random: Random): string {
  const bytes = Buffer.from(Array.from({ length: 16 }, () => random.below(256)))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytes.toString('base64url')
}
