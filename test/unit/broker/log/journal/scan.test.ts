import { describe, expect, it } from 'vitest'
import {
  encodeGroup,
  GROUP_ALIGNMENT,
} from '../../../../../packages/broker/src/log/journal/group.ts'
import { scanGroups } from '../../../../../packages/broker/src/log/journal/scan.ts'
import { DiskImage } from '../../../../support/disk-image.ts'
import { entryAt } from '../../../../support/journal-on-disk.ts'
import { ModelDisk } from '../../../../support/model-disk.ts'

interface Planted {
  readonly block: number
  readonly sequence: number
  readonly neededFrom: number
  readonly generation?: number
}

/** A file with groups of one block each, where the test wants them. */
const fileWith = async (disk: ModelDisk, name: string, groups: readonly Planted[]) => {
  const file = disk.openNow(`/${name}`, 'create')
  file.appendNow([Buffer.alloc(8 * GROUP_ALIGNMENT)])
  for (const { block, sequence, neededFrom, generation = 1 } of groups) {
    const into = Buffer.alloc(GROUP_ALIGNMENT)
    const identity = { generation, incarnation: 'aa'.repeat(8), sequence, neededFrom }
    encodeGroup(into, identity, { durable: [], entries: [entryAt(sequence, 'x')] })
    file.writeNow(block * GROUP_ALIGNMENT, [into])
  }
  return file
}

const sequencesOf = (scanned: Awaited<ReturnType<typeof scanGroups>>) =>
  scanned.groups.map(group => group.header.sequence)

describe('the scan of a journal', () => {
  it('finds the groups in order over the files, and passes over what a recycled file held before', async () => {
    const disk = new ModelDisk(new DiskImage())
    const first = await fileWith(disk, 'a', [
      { block: 0, sequence: 13, neededFrom: 11 },
      { block: 2, sequence: 4, neededFrom: 1 },
    ])
    const second = await fileWith(disk, 'b', [
      { block: 0, sequence: 11, neededFrom: 3 },
      { block: 1, sequence: 12, neededFrom: 3 },
    ])
    const scanned = await scanGroups([first, second])
    expect(sequencesOf(scanned)).toEqual([11, 12, 13])
    expect(scanned.isDamaged).toBe(false)
  })

  it('takes the newest generation only', async () => {
    const disk = new ModelDisk(new DiskImage())
    const file = await fileWith(disk, 'a', [
      { block: 0, sequence: 1, neededFrom: 1, generation: 2 },
      { block: 1, sequence: 90, neededFrom: 80, generation: 1 },
    ])
    const scanned = await scanGroups([file])
    expect(sequencesOf(scanned)).toEqual([1])
    expect(scanned).toMatchObject({ generation: 2, isDamaged: false })
  })

  it('calls a hole before a later group damage', async () => {
    const disk = new ModelDisk(new DiskImage())
    const file = await fileWith(disk, 'a', [
      { block: 0, sequence: 1, neededFrom: 1 },
      { block: 2, sequence: 3, neededFrom: 1 },
    ])
    const scanned = await scanGroups([file])
    expect(sequencesOf(scanned)).toEqual([1, 3])
    expect(scanned.isDamaged).toBe(true)
  })

  it('finds nothing in zeros, in garbage and in an empty file', async () => {
    const disk = new ModelDisk(new DiskImage())
    const zeros = await fileWith(disk, 'a', [])
    const garbage = disk.openNow('/b', 'create')
    garbage.appendNow([Buffer.alloc(10_000, 'VRVJ')])
    const empty = disk.openNow('/c', 'create')
    expect(sequencesOf(await scanGroups([zeros, garbage, empty]))).toEqual([])
    expect(sequencesOf(await scanGroups([]))).toEqual([])
  })
})
