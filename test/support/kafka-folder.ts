/**
 * Data folders that Kafka 4.2 wrote, formatted with a SCRAM user; with topics `orders` (2 partitions, several segments, beginning deleted), `users`
 * (compacted, with a tombstone) and `transfers` (a committed and an aborted transaction), a deleted topic, commits, a quota, a default
 * broker setting and an access control entry. `killed` is that folder after kill -9, `stopped` the same after another start and a clean stop.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const path = fileURLToPath(new URL('../golden/kafka-folders.json', import.meta.url))

export const KAFKA_CLUSTER = 'MkU3OEVBNTcwNTJENDM2Qg'

/** What Kafka preallocates is ten megabytes of zeros, which would only make tests slow. */
const PREALLOCATED_BYTES_MAX = 65_536

/** The files by their paths in the folder. */
export function kafkaFolder(kind: 'killed' | 'stopped'): Map<string, Buffer> {
  type Stored = string | { readonly bytes: string; readonly size: number }
  const folders = JSON.parse(readFileSync(path, 'utf8')) as Record<string, Record<string, Stored>>
  return new Map(
    Object.entries(folders[kind] ?? {}).map(([name, stored]) => {
      if (typeof stored === 'string') return [name, Buffer.from(stored, 'base64')]
      const content = Buffer.alloc(Math.min(stored.size, PREALLOCATED_BYTES_MAX))
      Buffer.from(stored.bytes, 'base64').copy(content)
      return [name, content]
    }),
  )
}
