import { describe, expect, it } from 'vitest'
import { logFolderOf } from '../../../../packages/broker/src/log/log-folder.ts'
import {
  cutSegment,
  removeAfter,
  removeBeyond,
} from '../../../../packages/broker/src/log/recovery-cuts.ts'
import { SegmentList } from '../../../../packages/broker/src/log/segment-list.ts'
import { quietWorld } from '../../../support/journal-world.ts'
import {
  diskWithFolder,
  FOLDER,
  identity,
  loadToolsOf,
  namesIn,
  segmentOf,
  singles,
  writeFile,
} from '../../../support/log-parts.ts'

const name = (offset: number, kind = 'log') => `${String(offset).padStart(20, '0')}.${kind}`

/** Segments from 0 and from 5 on, and an empty one. */
async function given() {
  const disk = await diskWithFolder()
  const world = quietWorld(disk)
  const [first, second] = singles(0, ['a', 'b']) as [Buffer, Buffer]
  const list = [
    segmentOf(disk, [first, second]),
    segmentOf(disk, singles(5, ['c']), { baseOffset: 5 }),
    segmentOf(disk, [], { baseOffset: 6 }),
  ] as const
  const segments = new SegmentList(disk, FOLDER, list)
  return { disk, world, tools: loadToolsOf(world), segments, first, second, list }
}

describe('what a crash left behind the end of a log', () => {
  it('is cut from the segment, and kept aside when a whole batch is in it', async () => {
    const { disk, tools, list, first, second } = await given()
    const [segment] = list
    await cutSegment(identity, { segment, position: first.length }, tools)
    expect(await disk.readFile(`${FOLDER}/${name(0)}`)).toEqual(first)
    expect(await disk.readFile(`${FOLDER}/${name(0)}.${first.length}.torn`)).toEqual(second)
    expect(segment.sizeBytes).toBe(first.length)
  })

  it('is told of', async () => {
    const { world, tools, list } = await given()
    await cutSegment(identity, { segment: list[0], position: 10 }, tools)
    expect(world.warnings.length).toBe(1)
  })

  it('is taken out by whole segments, the last one first, and what they hold is kept aside', async () => {
    const { disk, tools, segments, list } = await given()
    await removeAfter(list[0], segments, tools)
    expect(await namesIn(disk)).toEqual([name(0), `${name(5)}.0.torn`])
    expect(segments.all).toEqual([list[0]])
  })

  it('goes with the indexes of such segments, and the snapshots beyond the end', async () => {
    const { disk, tools, segments, list } = await given()
    const kept = [name(0, 'index'), name(0, 'txnindex'), name(2, 'sequences'), name(2, 'snapshot')]
    const beyond = [
      name(5, 'index'),
      name(5, 'timeindex'),
      name(5, 'txnindex'),
      name(3, 'snapshot'),
    ]
    for (const each of [...kept, ...beyond]) writeFile(disk, each, 'x')
    const folder = logFolderOf((await disk.list(FOLDER)) ?? [])
    await removeAfter(list[0], segments, tools)
    await removeBeyond(identity, { segments, folder }, 2, tools)
    expect(await namesIn(disk)).toEqual([...kept, name(0), `${name(5)}.0.torn`].toSorted())
  })
})
