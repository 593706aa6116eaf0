import { describe, expect, it } from 'vitest'
import { DiskImage } from '../support/disk-image.ts'
import { quietWorld } from '../support/journal-world.ts'
import { append, DATA, openHarness } from '../support/log-harness.ts'
import { ModelDisk } from '../support/model-disk.ts'
import { readValues } from '../support/read-log.ts'

const LEADER_EPOCH = 12
const MAGIC = 16
const LOG = `${DATA}/events-0/00000000000000000000.log`

/** A log of relaxed durability, which no journal repairs, as a crash of the process leaves it. */
async function crashedLog() {
  const disk = new ModelDisk(new DiskImage())
  const broker = await openHarness(quietWorld(disk), {
    settings: { flushMode: 'relaxed', indexIntervalBytes: 100 },
  })
  const ends: number[] = []
  for (let index = 0; index < 9; index++) {
    const producer = index % 3 === 0 ? { producerId: 7, baseSequence: index } : {}
    const values = index % 3 === 0 ? [`${index}`] : [`${index}`, `${index} again`]
    append(broker.partition(), {
      values,
      timestamp: 1000 + index,
      ...(index % 3 === 0 ? { ...producer, baseSequence: index / 3 } : {}),
    })
    await broker.flush()
    ends.push(broker.partition().sizeBytes)
  }
  const values = await readValues(broker.partition())
  return { image: disk.imageAfter(disk.operations.length, () => 'kept'), ends, values }
}

async function recovered(image: DiskImage, damage: (content: Buffer) => Buffer) {
  const disk = new ModelDisk(image)
  const content = (await disk.readFile(LOG)) as Buffer
  disk.openNow(LOG, 'truncate').appendNow([damage(Buffer.from(content))])
  const open = async (from: DiskImage) => {
    const under = new ModelDisk(from)
    const broker = await openHarness(quietWorld(under))
    const partition = broker.partition()
    return {
      under,
      partition,
      values: await readValues(partition),
      log: await under.readFile(LOG),
      producers: [...(partition.log?.producers.entries() ?? [])],
    }
  }
  const first = await open(disk.imageAfter(disk.operations.length, () => 'kept'))
  const second = await open(first.under.imageAfter(first.under.operations.length, () => 'kept'))
  expect(second.log).toEqual(first.log)
  expect(second.values).toEqual(first.values)
  return first
}

describe('a log with a torn end', () => {
  it('keeps exactly its whole batches, cut at any byte, and once more the same', async () => {
    const { image, ends, values } = await crashedLog()
    const sizeBytes = ends.at(-1) ?? 0
    for (let size = 0; size <= sizeBytes; size++) {
      const whole = ends.filter(end => end <= size)
      const {
        partition,
        values: found,
        log,
      } = await recovered(image, content => content.subarray(0, size))
      expect(log?.length).toBe(whole.at(-1) ?? 0)
      expect(found).toEqual(values.slice(0, partition.logEndOffset))
      expect(partition.isOffline).toBe(false)
    }
  }, 120_000)

  it('keeps the batches before a flipped byte, and sets the rest aside', async () => {
    const { image, ends } = await crashedLog()
    const sizeBytes = ends.at(-1) ?? 0
    for (let position = 0; position < sizeBytes; position += 7) {
      const { log, under } = await recovered(image, content => {
        content[position] = (content[position] as number) ^ 0x55
        return content
      })
      // The checksum covers neither the base offset, which has to follow, nor the leader epoch, which may grow.
      const before = ends.filter(end => end <= position).at(-1) ?? 0
      const field = position - before
      if (field >= LEADER_EPOCH && field < MAGIC) continue
      expect(log?.length).toBe(before)
      const isLast = before === ends.at(-2)
      const kept = (await under.list(`${DATA}/events-0`))?.some(({ name }) =>
        name.endsWith('.torn'),
      )
      if (!isLast) expect(kept, `byte ${position}`).toBe(true)
    }
  }, 120_000)

  it.each([1, 61, 512, 8192])('drops %i zero bytes at the end', async count => {
    const { image, ends } = await crashedLog()
    const { log } = await recovered(image, content => Buffer.concat([content, Buffer.alloc(count)]))
    expect(log?.length).toBe(ends.at(-1))
  })
})
