import { describe, expect, it } from 'vitest'
import { DiskImage } from '../support/disk-image.ts'
import { quietWorld } from '../support/journal-world.ts'
import { append, DATA, type LogHarness, openHarness } from '../support/log-harness.ts'
import { ModelDisk } from '../support/model-disk.ts'
import { readValues } from '../support/read-log.ts'

const options = { partitions: 4, settings: { segmentBytes: 250, indexIntervalBytes: 50 } }
const BEFORE = ['a', 'b', 'c']
const AFTER = ['d', 'e', 'f']

/** A folder of four logs with some segments each, stopped in order. */
async function stopped(): Promise<ModelDisk> {
  const disk = new ModelDisk(new DiskImage())
  const broker = await openHarness(quietWorld(disk), options)
  for (const index of [0, 1, 2, 3])
    for (const value of BEFORE) append(broker.partition(index), { values: [value] })
  await broker.flush()
  await broker.close()
  return new ModelDisk(disk.imageAfter(disk.operations.length, () => 'kept'))
}

/** Writes to the first log, reads from the second, opens the third, and leaves the fourth alone. */
async function use(disk: ModelDisk): Promise<{ broker: LogHarness; acknowledged: number[] }> {
  const broker = await openHarness(quietWorld(disk), options)
  const acknowledged: number[] = []
  await readValues(broker.partition(1))
  broker.partition(2)
  for (const value of AFTER) {
    append(broker.partition(0), { values: [value] })
    await broker.flush()
    await broker.partition(0).log?.syncSegments()
    acknowledged.push(disk.operations.length)
  }
  expect([...broker.directory.opened()].length).toBe(3)
  return { broker, acknowledged }
}

const valuesOf = async (broker: LogHarness): Promise<string[][]> => {
  const values: string[][] = []
  for (const index of [0, 1, 2, 3])
    values.push((await readValues(broker.partition(index))).map(({ value }) => String(value)))
  return values
}

/** What lies in the folders of logs that nobody wrote to. */
const untouchedFiles = async (disk: ModelDisk): Promise<string> => {
  const files: string[] = []
  for (const index of [1, 2, 3])
    for (const { name } of (await disk.list(`${DATA}/events-${index}`)) ?? []) {
      const content = await disk.readFile(`${DATA}/events-${index}/${name}`)
      files.push(`${index}/${name} ${content?.toString('hex')}`)
    }
  return files.join('\n')
}

describe('a folder whose logs are opened one by one', () => {
  it.each(['kept', 'lost'] as const)(
    'recovers the same wherever its broker ends, and again, when what was not synced is %s',
    async survival => {
      const disk = await stopped()
      const files = await untouchedFiles(disk)
      const { acknowledged } = await use(disk)
      for (let count = 0; count <= disk.operations.length; count++) {
        const acknowledgedCount = acknowledged.filter(at => at <= count).length
        let left = new ModelDisk(disk.imageAfter(count, () => survival))
        let first: string[][] | undefined
        for (const start of ['first', 'second', 'after a clean stop']) {
          const broker = await openHarness(quietWorld(left), options)
          const values = await valuesOf(broker)
          const at = `${start} start after ${count} operations`
          expect(values.slice(1), at).toEqual([BEFORE, BEFORE, BEFORE])
          expect(values[0]?.slice(0, 3 + acknowledgedCount), at).toEqual([
            ...BEFORE,
            ...AFTER.slice(0, acknowledgedCount),
          ])
          expect([...BEFORE, ...AFTER].join('').startsWith(values[0]?.join('') ?? ''), at).toBe(
            true,
          )
          expect(values, at).toEqual(first ?? values)
          first = values
          // Whole logs are not written to by any start, nor by a stop that has nothing to do.
          expect(await untouchedFiles(left), at).toBe(files)
          if (start === 'second') await broker.close()
          else left = new ModelDisk(left.imageAfter(left.operations.length, () => 'kept'))
        }
      }
    },
  )
})
