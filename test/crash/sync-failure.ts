/**
 * A disk that fails to sync. A library preloaded into the broker lets fdatasync fail with EIO from a random moment on, of the
 * journal or of the segments. The broker has to say why and to end with code 1, having acknowledged nothing whose sync failed,
 * and the next one, on a disk that is well again, has every acknowledged record, once and in order.
 */

import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { CreateTopics } from '@varve/protocol'
import { memoryRandom } from '../../packages/broker/src/memory/random.ts'
import type { Random } from '../../packages/broker/src/world.ts'
import { type BrokerProcess, startBrokerProcess } from '../support/processes.ts'
import { RawConnection } from '../support/raw-connection.ts'
import type { ProveOptions } from './kill.ts'
import { faultsOf, type PartitionContent, readPartition } from './kill-check.ts'
import { KillProducer } from './kill-producer.ts'
import { compilePreload } from './preload.ts'

const TOPIC = 'synced'
const PARTITIONS = 3
/** What the paths of the files hold whose syncs fail. */
const VICTIMS = ['__journal/', `/${TOPIC}-`, `/${TOPIC}-1/`] as const
/** An answer that had left before the failing sync began is here by then; the sync itself takes a second to fail. */
const UNDER_WAY_MS = 500
const ENDS_WITHIN_MS = 15_000
const settings = {
  'journal.segment.sync.bytes': '200000',
  'journal.segment.sync.interval.ms': '200',
}

export const prove = async ({ rounds, seed, log }: ProveOptions): Promise<{ skipped?: string }> => {
  const random = memoryRandom(seed)
  const folder = mkdtempSync(join(tmpdir(), 'varve-sync-'))
  try {
    const library = compilePreload('sync-failure', folder)
    if (library === undefined) return { skipped: 'there is no gcc that could make the library' }
    for (let round = 1; round <= rounds; round++) {
      const dataFolder = join(folder, `${round}`)
      mkdirSync(dataFolder)
      const victim = VICTIMS[round % VICTIMS.length] as string
      log(`round ${round}: ${await oneRound({ dataFolder, library, victim, random })}`)
    }
    return {}
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Round {
  readonly dataFolder: string
  readonly library: string
  readonly victim: string
  readonly random: Random
}

async function oneRound({ dataFolder, library, victim, random }: Round): Promise<string> {
  const trigger = `${dataFolder}.trigger`
  const env = { LD_PRELOAD: library, SYNC_FAILURE: trigger }
  const broker = await startBrokerProcess({ dataFolder, settings, env })
  const producers = producersFor(random)
  try {
    await createTopic(broker.port)
    const running = producers.map(producer => producer.run(broker.port))
    await delay(100 + random.below(600))
    writeFileSync(trigger, victim)
    const code = await exitCodeOf(broker)
    await Promise.all(running)
    if (code !== 1) throw new Error(`the broker ended with ${code}, not 1`)
    if (!/could not sync [^\n]*EIO/.test(broker.output())) throw new Error('it does not say why')
    const failedAt = existsSync(`${trigger}.failed`)
      ? Number(readFileSync(`${trigger}.failed`, 'utf8'))
      : undefined
    if (failedAt === undefined) throw new Error('no sync failed')
    checkAnswers(producers, victim === VICTIMS[0] ? failedAt : undefined)
  } catch (error) {
    throw new Error(`syncs of ${victim} fail; the broker printed: ${broker.output()}`, {
      cause: error,
    })
  } finally {
    await broker.kill()
  }
  const count = producers.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0)
  await checkRestart(dataFolder, producers)
  return `syncs of ${victim} failed, ${count} acknowledged batches are there`
}

/** Whoever was refused was told of the storage; while the journal's sync failed nobody was told that all is well. */
function checkAnswers(producers: readonly KillProducer[], journalFailedAt: number | undefined) {
  for (const { options, refusals, lastAcknowledgedAt } of producers) {
    for (const refusal of refusals.splice(0)) {
      if (!refusal.startsWith('KAFKA_STORAGE_ERROR')) throw new Error(`${options.name}: ${refusal}`)
    }
    if (journalFailedAt !== undefined && lastAcknowledgedAt > journalFailedAt + UNDER_WAY_MS) {
      throw new Error(`${options.name} was acknowledged after the sync had failed`)
    }
  }
}

async function checkRestart(dataFolder: string, producers: readonly KillProducer[]) {
  await using broker = await startBrokerProcess({ dataFolder, settings })
  await using connection = await RawConnection.open({ host: '127.0.0.1', port: broker.port })
  const contents: PartitionContent[] = []
  for (let partition = 0; partition < PARTITIONS; partition++) {
    contents.push(await readPartition(connection, TOPIC, partition))
  }
  const faults = faultsOf(producers, (_topic, partition) => contents[partition] ?? [])
  if (faults.length > 0) throw new Error(`after the restart: ${faults.join('; ')}`)
  const again = producers.map(producer => producer.run(broker.port))
  await delay(200)
  for (const producer of producers) producer.stop()
  await Promise.all(again)
  const refusals = producers.flatMap(producer => producer.refusals)
  if (refusals.length > 0) throw new Error(`after the restart: ${refusals.join('; ')}`)
}

async function exitCodeOf({ child }: BrokerProcess): Promise<number | null> {
  const timer = setTimeout(() => child.kill('SIGKILL'), ENDS_WITHIN_MS)
  const [code] =
    child.exitCode === null ? ((await once(child, 'exit')) as [number | null]) : [child.exitCode]
  clearTimeout(timer)
  return code
}

async function createTopic(port: number): Promise<void> {
  await using connection = await RawConnection.open({ host: '127.0.0.1', port })
  const { topics } = await connection.request(CreateTopics, 7, {
    topics: [
      {
        name: TOPIC,
        numPartitions: PARTITIONS,
        replicationFactor: 1,
        assignments: [],
        configs: [{ name: 'segment.bytes', value: '1048576' }],
      },
    ],
    timeoutMs: 10_000,
    validateOnly: false,
  })
  if (topics[0]?.errorCode !== 0) throw new Error('the topic could not be created')
}

/** On each partition an idempotent producer and a plain one. */
function producersFor(random: Random): KillProducer[] {
  return Array.from({ length: PARTITIONS }, (_, partition) => {
    const own = { topic: TOPIC, partition }
    return [
      new KillProducer({
        ...own,
        name: `i${partition}`,
        acks: -1,
        kind: 'idempotent',
        random: memoryRandom(random.below(2 ** 31)),
      }),
      new KillProducer({
        ...own,
        name: `a${partition}`,
        acks: 1,
        kind: 'plain',
        random: memoryRandom(random.below(2 ** 31)),
      }),
    ]
  }).flat()
}
