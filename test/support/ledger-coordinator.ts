/** A coordinator over the real partitions of an internal topic, on any disk, with time that is advanced. */
import { crc32c, nodeCodecs } from '@varve/protocol'
import { LogCoordinator } from '../../packages/broker/src/coordinator/runtime/log-coordinator.ts'
import { PatientClock } from '../../packages/broker/src/coordinator/runtime/patient-clock.ts'
import { TurnSlices } from '../../packages/broker/src/coordinator/runtime/turn-slices.ts'
import type { MetadataImage } from '../../packages/broker/src/metadata/image.ts'
import type { Partition } from '../../packages/broker/src/replication/partition.ts'
import type { QuietWorld } from './journal-world.ts'
import {
  type LedgerAnswer,
  type LedgerChange,
  type LedgerErrand,
  type LedgerEvent,
  type LedgerQuestion,
  type LedgerRules,
  type LedgerState,
  ledgerLogic,
} from './ledger.ts'
import { type HarnessOptions, type LogHarness, openHarness } from './log-harness.ts'
import { imageWith, newTopic, topicIdOf } from './metadata-image.ts'

export const TOPIC = '__consumer_offsets'

/** An image with the coordinator's topic. */
export const withTopic = (partitions = 1): MetadataImage =>
  imageWith(...newTopic(TOPIC, partitions))

export interface LedgerOptions extends HarnessOptions {
  /** What is there at the start. */
  readonly image?: MetadataImage
  /** What there is once the topic was asked for; as at the start if it cannot be made. */
  readonly made?: MetadataImage
  readonly rules?: () => LedgerRules
}

export async function openLedger(world: QuietWorld, options: LedgerOptions = {}): Promise<Ledger> {
  const image = options.image ?? withTopic()
  const harness = await openHarness(world, { ...options, image })
  const codecs = nodeCodecs()
  let makings = 0
  const errands: SentErrand[] = []
  const coordinator: LedgerCoordinator = new LogCoordinator(
    {
      world,
      brokerId: 1,
      topic: TOPIC,
      logic: ledgerLogic,
      rulesOf: options.rules ?? (() => ({ greeting: 'hello' })),
      partitions: harness.directory,
      patientClock: new PatientClock(world.clock),
      slices: new TurnSlices(world.clock),
      codecs,
      build: { codecs, crc32c },
      perform: (errand, done) => void errands.push({ errand, done }),
      makeTopic: async () => {
        makings++
        if (options.made !== undefined) await changeTo(options.made)
      },
    },
    image,
  )
  const changeTo = async (next: MetadataImage): Promise<void> => {
    await harness.directory.applyImage(next)
    coordinator.metadataChanged(next)
  }
  const rest = async (): Promise<void> => {
    for (let round = 0; round < 8; round++) await harness.flush()
  }
  return {
    ...harness,
    coordinator,
    errands,
    changeTo,
    rest,
    get makings() {
      return makings
    },
    log: (index = 0) => {
      const partition = harness.directory.get(topicIdOf(TOPIC), index)
      if (partition === undefined) throw new Error(`there is no partition ${index}`)
      return partition
    },
    ask: (question: LedgerQuestion, key = 'key'): Asked => noted(coordinator.ask(key, question)),
    answer: async (question: LedgerQuestion, key = 'key'): Promise<LedgerAnswer> => {
      const asked = noted(coordinator.ask(key, question))
      await rest()
      if (asked.answer === undefined) throw new Error('there is no answer')
      return asked.answer
    },
  }
}

type LedgerCoordinator = LogCoordinator<
  LedgerState,
  LedgerChange,
  LedgerEvent,
  LedgerRules,
  LedgerErrand
>

interface SentErrand {
  readonly errand: LedgerErrand
  readonly done: (event: LedgerEvent) => void
}

export interface Ledger extends LogHarness {
  readonly coordinator: LedgerCoordinator
  /** What was sent out, in order. */
  readonly errands: readonly SentErrand[]
  readonly changeTo: (next: MetadataImage) => Promise<void>
  /** Lets all happen that needs no more time. */
  readonly rest: () => Promise<void>
  /** How often the topic was asked for. */
  readonly makings: number
  readonly log: (index?: number) => Partition
  /** Asks, and notes what comes of it. */
  readonly ask: (question: LedgerQuestion, key?: string) => Asked
  /** The answer, when nothing but the disk stands before it. */
  readonly answer: (question: LedgerQuestion, key?: string) => Promise<LedgerAnswer>
}

export interface Asked {
  readonly answer: LedgerAnswer | undefined
}

function noted(promise: Promise<LedgerAnswer>): Asked {
  let answer: LedgerAnswer | undefined
  promise.then(
    response => {
      answer = response
    },
    (error: unknown) => {
      answer = `thrown: ${String(error)}`
    },
  )
  return {
    get answer() {
      return answer
    },
  }
}
