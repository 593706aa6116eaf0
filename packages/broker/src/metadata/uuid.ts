/** Ids as Kafka writes them. */
import { Buffer } from 'node:buffer'
import type { Random } from '../world.ts'

/** A random uuid (version 4) in base64url. Never one that begins with a dash: command lines would take it for an option. */
export function randomUuid(random: Random): string {
  for (;;) {
    const bytes = Buffer.from(random.bytes(16))
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
    const text = bytes.toString('base64url')
    if (!text.startsWith('-')) return text
  }
}
