/**
 * Kafka's checkpoint files of a log directory: text, `0`, the count, then `topic partition offset` per line. All four
 * (`recovery-point-offset-checkpoint`, `replication-offset-checkpoint`, `log-start-offset-checkpoint`, `cleaner-offset-checkpoint`)
 * have this form.
 */
export type CheckpointName =
  | 'recovery-point-offset-checkpoint'
  | 'replication-offset-checkpoint'
  | 'log-start-offset-checkpoint'
  | 'cleaner-offset-checkpoint'

export interface CheckpointEntry {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** Offsets by `topic-partition`, the name of the folder. */
export type Checkpoint = ReadonlyMap<string, number>

export function encodeCheckpoint(entries: readonly CheckpointEntry[]): Buffer {
  const lines = entries.map(({ topic, partition, offset }) => `${topic} ${partition} ${offset}\n`)
  return Buffer.from(`0\n${lines.length}\n${lines.join('')}`)
}

/** Undefined when the content makes no sense. */
export function decodeCheckpoint(content: Buffer): Checkpoint | undefined {
  const [version, count, ...rest] = content.toString('utf8').split('\n')
  const lines = rest.filter(line => line !== '')
  if (version !== '0' || Number(count) !== lines.length) return undefined
  const offsets = new Map<string, number>()
  for (const line of lines) {
    const match = /^(\S+) (\d+) (\d+)$/.exec(line)
    if (match === null) return undefined
    offsets.set(`${match[1]}-${match[2]}`, Number(match[3]))
  }
  return offsets
}
