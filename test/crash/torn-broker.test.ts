/**
 * The data folder of a killed broker, torn further: a segment or the journal is cut at every byte that matters and at many others,
 * and a whole broker starts on what is left. What it serves is compared with what was acknowledged, and a second recovery,
 * of what the first one left, with the first.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBroker } from '@varve/broker'
import {
  BatchBuilder,
  batchesOf,
  type CompressionType,
  compressionTypes,
  errorName,
  InitProducerId,
  nodeCodecs,
  Produce,
} from '@varve/protocol'
import { beforeAll, describe, expect, it } from 'vitest'
import { MemoryDisk } from '../../packages/broker/src/memory/disk.ts'
import { brokerOn, DATA_FOLDER } from '../support/broker-on.ts'
import { Canary } from '../support/canary.ts'
import {
  type FolderImage,
  imageOfFolder,
  imageOnDisk,
  putInFolder,
  putOnDisk,
} from '../support/folder-image.ts'
import { RawConnection } from '../support/raw-connection.ts'
import { readPartition } from './kill-check.ts'

const codecs = nodeCodecs()
const ROUNDS = 6
const LOGS = ['coded-0', 'coded-1', 'mixed-0'] as const
type LogName = (typeof LOGS)[number]

/** Nothing is synced in the background, so that all depends on the journal. */
const settings = {
  'journal.segment.sync.interval.ms': '3600000',
  'journal.segment.sync.bytes': '1000000000',
}

interface Sent {
  readonly log: LogName
  readonly baseOffset: number
  readonly marks: readonly string[]
  readonly records: Buffer
  readonly isIdempotent: boolean
  /** Where the last byte that is not zero stands in the group that holds this. */
  readonly journalEnd: number
}

interface Crashed {
  readonly image: FolderImage
  /** In the order of the acknowledgements. */
  readonly sent: readonly Sent[]
  readonly journal: string
}

const segmentOf = (log: LogName) => `${log}/00000000000000000000.log`

/** Several producers, idempotent and not, with every codec, one batch after another; then the folder as `kill -9` leaves it. */
async function crash(): Promise<Crashed> {
  const directory = mkdtempSync(join(tmpdir(), 'varve-torn-'))
  const broker = await startBroker({ directory, settings })
  try {
    const canary = await Canary.open(broker, [{ name: 'coded', partitions: 2 }, { name: 'mixed' }])
    canary.destroy()
    await using connection = await RawConnection.open(broker)
    const producers = []
    for (let index = 0; index < 3; index++) {
      producers.push(
        await connection.request(InitProducerId, 4, {
          transactionalId: null,
          transactionTimeoutMs: -1,
          producerId: -1,
          producerEpoch: -1,
        }),
      )
    }
    const [first, second, third] = producers
    const sent: Sent[] = []
    const sequences = new Map<string, number>()
    const journal = journalIn(imageOfFolder(directory))
    for (let round = 0; round < ROUNDS; round++) {
      const writers = [
        { name: 'first', log: 'coded-0', producer: first },
        { name: 'plain', log: 'coded-1', producer: undefined },
        { name: 'second', log: 'mixed-0', producer: second },
        { name: 'third', log: 'mixed-0', producer: third },
      ] as const
      for (const { name, log, producer } of writers) {
        const baseSequence = sequences.get(name) ?? 0
        const count = 1 + ((round + name.length) % 3)
        const marks = Array.from({ length: count }, (_, index) => `${name}:${baseSequence + index}`)
        const compression = compressionTypes[(round + name.length) % 5] as CompressionType
        const builder = new BatchBuilder()
        for (const mark of marks)
          builder.append({ value: `${mark}:${'x'.repeat(40)}`, timestamp: 1 })
        const records = builder.build(
          producer === undefined
            ? { compression, codecs }
            : { compression, codecs, ...producerOf(producer), baseSequence },
        )
        const baseOffset = await produce(connection, log, records)
        sequences.set(name, baseSequence + count)
        const content = imageOfFolder(directory).get(journal) ?? Buffer.alloc(0)
        const journalEnd = endOfGroupWith(records, content)
        sent.push({
          log,
          baseOffset,
          marks,
          records,
          isIdempotent: producer !== undefined,
          journalEnd,
        })
      }
    }
    return { image: imageOfFolder(directory), sent, journal }
  } finally {
    await broker.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

const producerOf = ({
  producerId,
  producerEpoch,
}: {
  producerId: number
  producerEpoch: number
}) => ({
  producerId,
  producerEpoch,
})

async function produce(connection: RawConnection, log: LogName, records: Buffer): Promise<number> {
  const [name = '', index = ''] = log.split('-')
  const { responses } = await connection.request(Produce, 9, {
    acks: -1,
    timeoutMs: 10_000,
    topicData: [{ name, partitionData: [{ index: Number(index), records: Buffer.from(records) }] }],
  })
  const answer = responses[0]?.partitionResponses[0]
  expect(errorName(answer?.errorCode ?? -1), log).toBe('NONE')
  return answer?.baseOffset ?? -1
}

/** The journal file that is written to: at this size of the test there is one. */
function journalIn(image: FolderImage): string {
  const [name] = [...image]
    .filter(([path, content]) => path.startsWith('__journal/') && lastByteOf(content) > 0)
    .map(([path]) => path)
  return name ?? '__journal/00000001.journal'
}

function lastByteOf(content: Buffer): number {
  let end = content.length
  while (end > 0 && content[end - 1] === 0) end--
  return end
}

/** What a broker serves from the image, and what it leaves when it is killed at once. */
async function recover(image: FolderImage) {
  const disk = new MemoryDisk({ now: () => Date.now(), capacityBytes: 2 ** 34 })
  await putOnDisk(disk, DATA_FOLDER, image)
  const broker = await brokerOn(disk, settings)
  await using connection = await RawConnection.open(broker)
  const contents = await contentsOf(connection)
  const left = await imageOnDisk(disk, DATA_FOLDER)
  expect(broker.errors).toEqual([])
  return {
    contents,
    left,
    async resend(sent: readonly Sent[]) {
      await using producer = await RawConnection.open(broker)
      for (const { log, records, baseOffset } of sent) {
        expect(await produce(producer, log, records)).toBe(baseOffset)
      }
      expect(await contentsOf(producer)).toEqual(contents)
    },
    end: () => broker[Symbol.asyncDispose](),
  }
}

async function contentsOf(connection: RawConnection) {
  const contents: { [log: string]: readonly string[] } = {}
  for (const log of LOGS) {
    const [name = '', index = ''] = log.split('-')
    contents[log] = await readPartition(connection, name, Number(index))
  }
  return contents
}

function contentsOfSent(sent: readonly Sent[]) {
  const contents: { [log: string]: string[] } = {}
  for (const log of LOGS) contents[log] = []
  for (const { log, marks } of sent) contents[log]?.push(...marks)
  return contents
}

const logsIn = (image: FolderImage) => LOGS.map(log => image.get(segmentOf(log)))

/** Recovers, and recovers what that left: the logs are the same, byte for byte. */
async function recoverTwice(image: FolderImage) {
  const first = await recover(image)
  const second = await recover(first.left)
  expect(second.contents).toEqual(first.contents)
  expect(logsIn(second.left)).toEqual(logsIn(first.left))
  await second.end()
  return first
}

/** What a journal cut there must hold. Whether a group counts of which only zeros are missing is left to the journal. */
function wholeGroups(
  sent: readonly Sent[],
  contents: { readonly [log: string]: readonly string[] },
  cut: number,
): readonly Sent[] {
  const mustBe = sent.filter(({ journalEnd }) => alignedEnd(journalEnd) <= cut)
  const mayBe = sent.filter(({ journalEnd }) => journalEnd <= cut)
  const countOf = (marks: { readonly [log: string]: readonly string[] }) =>
    Object.values(marks).flat().length
  return countOf(contents) === countOf(contentsOfSent(mayBe)) ? mayBe : mustBe
}

/** A busy machine lets the journal write a group of durable offsets alone between two batches: it holds nothing that was sent. */
function endOfGroupWith(records: Buffer, journal: Buffer): number {
  const fromCrc = records.subarray(CRC_AT)
  const at = journal.lastIndexOf(fromCrc)
  expect(at).toBeGreaterThan(0)
  return lastByteOf(journal.subarray(0, alignedEnd(at + fromCrc.length)))
}

/** Where the bytes of a batch begin that the broker does not stamp. */
const CRC_AT = 17

/** Groups begin at multiples of this. */
const alignedEnd = (end: number) => Math.ceil(end / 4096) * 4096

const changed = (image: FolderImage, changes: { readonly [path: string]: Buffer }): FolderImage =>
  new Map([...image, ...Object.entries(changes)])

/** Every byte within two of a border, and every `step`-th of the others. */
function* cutsOf(sizeBytes: number, borders: readonly number[], step: number): Iterable<number> {
  for (let cut = 0; cut <= sizeBytes; cut++) {
    if (cut % step === 0 || borders.some(border => Math.abs(border - cut) <= 2)) yield cut
  }
}

describe('a broker on a torn data folder', () => {
  let crashed: Crashed
  beforeAll(async () => {
    crashed = await crash()
  })

  it('finds everything when nothing is torn', async () => {
    const { image, sent } = crashed
    const { contents, left, resend, end } = await recoverTwice(image)
    expect(contents).toEqual(contentsOfSent(sent))
    expect(logsIn(left)).toEqual(logsIn(image))
    await resend(sent.slice(-8).filter(({ isIdempotent }) => isIdempotent))
    await end()
  })

  it.each(LOGS)(
    'has everything that was acknowledged, wherever the segment of %s is cut',
    async log => {
      const { image, sent } = crashed
      const path = segmentOf(log)
      const content = image.get(path) as Buffer
      const borders = [...batchesOf(content)].map(batch => batch.endPosition)
      const newest = sent.slice(-8).filter(({ isIdempotent }) => isIdempotent)
      let count = 0
      for (const cut of cutsOf(content.length, [0, ...borders], 61)) {
        const torn = changed(image, { [path]: content.subarray(0, cut) })
        const { contents, left, resend, end } = await recoverTwice(torn)
        expect(contents, `cut at ${cut}`).toEqual(contentsOfSent(sent))
        expect(logsIn(left), `cut at ${cut}`).toEqual(logsIn(image))
        if (count++ % 5 === 0) await resend(newest)
        await end()
      }
      expect(count).toBeGreaterThan(40)
    },
  )

  it('has a beginning of what was acknowledged when journal and segments are cut: all whose groups are whole', async () => {
    const { image, sent, journal } = crashed
    const content = image.get(journal) as Buffer
    const nothing = Object.fromEntries(LOGS.map(log => [segmentOf(log), Buffer.alloc(0)]))
    const borders = sent.map(({ journalEnd }) => journalEnd)
    const lengths = new Set<number>()
    for (const cut of cutsOf(alignedEnd(borders.at(-1) ?? 0), borders, 1024)) {
      const rest = Buffer.alloc(content.length - cut)
      // Cut off, or a file of its full length whose blocks were never written.
      const torn =
        cut % 3 === 0 ? content.subarray(0, cut) : Buffer.concat([content.subarray(0, cut), rest])
      const { contents, left, end } = await recoverTwice(
        changed(image, { ...nothing, [journal]: torn }),
      )
      const whole = wholeGroups(sent, contents, cut)
      expect(contents, `cut at ${cut}`).toEqual(contentsOfSent(whole))
      for (const log of LOGS) {
        const original = image.get(segmentOf(log)) as Buffer
        const found = left.get(segmentOf(log)) ?? Buffer.alloc(0)
        expect(original.subarray(0, found.length).equals(found)).toBe(true)
      }
      lengths.add(whole.length)
      await end()
    }
    expect(lengths.size).toBe(sent.length + 1)
  }, 120_000)

  it('has everything when the journal is cut and the segments are not', async () => {
    const { image, sent, journal } = crashed
    const content = image.get(journal) as Buffer
    for (const { journalEnd } of sent.slice(-5)) {
      for (const cut of [journalEnd - 200, journalEnd - 1, journalEnd]) {
        const torn = changed(image, { [journal]: content.subarray(0, cut) })
        const { contents, left, end } = await recoverTwice(torn)
        expect(contents, `cut at ${cut}`).toEqual(contentsOfSent(sent))
        expect(logsIn(left)).toEqual(logsIn(image))
        await end()
      }
    }
  })

  it('does the same on a real disk', async () => {
    const { image, sent, journal } = crashed
    const path = segmentOf('mixed-0')
    const content = image.get(path) as Buffer
    for (const cut of [0, 61, Math.floor(content.length / 2), content.length - 1]) {
      const directory = mkdtempSync(join(tmpdir(), 'varve-torn-'))
      putInFolder(directory, changed(image, { [path]: content.subarray(0, cut) }))
      const broker = await startBroker({ directory, settings })
      await using connection = await RawConnection.open(broker)
      expect(await contentsOf(connection)).toEqual(contentsOfSent(sent))
      expect(logsIn(imageOfFolder(directory))).toEqual(logsIn(image))
      await broker.stop()
      expect(imageOfFolder(directory).has(journal)).toBe(false)
      expect(logsIn(imageOfFolder(directory))).toEqual(logsIn(image))
      rmSync(directory, { recursive: true, force: true })
    }
  })
})
