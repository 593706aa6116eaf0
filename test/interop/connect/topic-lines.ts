import type { Varve } from '@varve/client'

/** The committed lines of a topic, by partition, in their order. */
export async function topicLines(varve: Varve, topic: string): Promise<Map<number, string[]>> {
  await using consumer = varve.consumer({
    topics: [topic],
    startAt: 'earliest',
    isolationLevel: 'read_committed',
    stopAtEnd: true,
  })
  const lines = new Map<number, string[]>()
  for await (const { partition, value } of consumer) {
    const known = lines.get(partition) ?? []
    lines.set(partition, known)
    known.push(value?.toString() ?? '')
  }
  return lines
}
