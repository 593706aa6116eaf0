/** A topic made for one load, and gone without trace after it. */
import { readdirSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { syncFolder } from '../accounting.ts'
import { listOffsets } from '../count-back.ts'
import { createTopic, deleteTopic } from '../topics.ts'
import type { Side } from './kafka-sides.ts'

const PATIENCE_MS = 30_000

export interface TurnTopic {
  readonly name: string
  readonly partitions: number
}

/** Creates the topic and resolves when its partitions answer: Kafka's do so some time after they were created. */
export async function openTopic(side: Side, { name, partitions }: TurnTopic): Promise<void> {
  await createTopic(side.port, name, partitions)
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    try {
      await listOffsets(side.port, name, partitions, 'latest')
      return
    } catch (error) {
      if (performance.now() > deadline) throw error
      await delay(20)
    }
  }
}

/** Deletes the topic, waits until its files are gone, and has the file system write what is left. */
export async function removeTopic(side: Side, { name }: TurnTopic): Promise<void> {
  await deleteTopic(side.port, name)
  const deadline = performance.now() + PATIENCE_MS
  while (readdirSync(side.dataFolder).some(entry => entry.startsWith(`${name}-`))) {
    if (performance.now() > deadline) throw new Error(`${side.name} keeps the files of ${name}`)
    await delay(20)
  }
  syncFolder(side.dataFolder)
}
