/**
 * Kafka Streams counts words exactly once, while its broker and itself are killed. What it leaves is held against what was
 * written: the counts, each record of them, the state store, and the topics that it made for itself.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Varve } from '@varve/client'
import { Attempts } from '../attempts.ts'
import { unexpectedComplaints } from '../complaints.ts'
import { compileJava } from '../java-program.ts'
import type { Outcome } from '../run.ts'
import { internalTopicFaults } from './internal-topics.ts'
import { StreamsStage } from './streams-stage.ts'
import { countFaults, countWords, waves } from './words.ts'

export const STREAMS = 'streams'

export interface StreamsOptions {
  readonly cache: string
  readonly report: (outcome: Outcome) => void
  readonly log: (line: string) => void
}

/** Whether `install.sh` found what it takes. */
export const hasStreams = (cache: string): boolean => existsSync(join(cache, 'streams/jars'))

export async function runStreams(options: StreamsOptions): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'varve-streams-'))
  const jars = join(options.cache, 'streams/jars/*')
  const source = fileURLToPath(new URL('WordCount.java', import.meta.url))
  try {
    compileJava({ source, jars, classes: folder })
    await using stage = await StreamsStage.open({ classPath: [folder, jars], folder })
    await play(stage, options)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What is done to whom in the middle of each wave. */
const ACTS: readonly {
  readonly says: string
  readonly act: (stage: StreamsStage) => Promise<void>
}[] = [
  { says: 'counts words', act: () => Promise.resolve() },
  { says: 'counts on after its broker is killed', act: stage => stage.broker.killFor(500) },
  {
    says: 'goes on after it is killed, with the state that it has',
    act: stage => stage.killProgram('keepState'),
  },
  {
    says: 'counts on after its broker is killed and away for five seconds',
    act: stage => stage.broker.killFor(5_000),
  },
  {
    says: 'goes on after it is killed on another machine, with nothing but its topics',
    act: stage => stage.killProgram('loseState'),
  },
]

async function play(stage: StreamsStage, options: StreamsOptions): Promise<void> {
  const attempts = new Attempts(STREAMS, options)
  const attempt = (says: string, work: () => Promise<readonly string[]>): Promise<boolean> =>
    attempts.attempt(says, () =>
      work().catch((error: unknown) => [`${String(error)}; ${stage.account()}`]),
    )
  const lines: string[] = []
  for (const [index, wave] of waves().entries()) {
    const { says, act } = ACTS[index] ?? { says: 'counts words', act: () => Promise.resolve() }
    lines.push(...wave)
    const isWell = await attempt(says, async () => {
      await stage.wave(wave, () => act(stage))
      return [...stage.reader.faults, ...countFaults(countWords(lines), stage.reader.counts)]
    })
    // What comes behind would only say it again.
    if (!isWell) return
  }
  await attempt('has in its store what was counted', async () =>
    countFaults(countWords(lines), await stage.store()),
  )
  await attempt('has every count once, read from the beginning', async () => {
    const again = await stage.readAgain()
    return [...again.faults, ...countFaults(countWords(lines), again.counts)]
  })
  await attempt('finds its topics as it made them', () =>
    internalTopicFaults(new Varve({ brokers: [stage.broker.bootstrap] }), countWords(lines)),
  )
  await attempt('complains of nothing but what comes with a kill', async () => {
    await stage.close()
    return unexpectedComplaints(stage.complaints)
  })
  await attempt('is told that there are no groups of streams', () => stage.streamsGroupFaults())
  const { kills } = stage.broker
  attempts.say(
    `${lines.length} lines, ${stage.reader.total} counts, ${kills} kills of the broker, ` +
      `${stage.programKills} of the program, ${stage.restored} records restored`,
  )
}
