import { describe, expect, it } from 'vitest'
import { SegmentRemoval } from '../../../../packages/broker/src/log/segment-removal.ts'
import { quietWorld, settle } from '../../../support/journal-world.ts'
import {
  afterPowerLoss,
  diskWithFolder,
  FOLDER,
  namesIn,
  segmentOf,
  singles,
  writeFile,
} from '../../../support/log-parts.ts'

const name = (baseOffset: number, kind: string) => `${String(baseOffset).padStart(20, '0')}.${kind}`

async function given() {
  const disk = await diskWithFolder()
  await disk.syncDirectory('/data')
  const world = quietWorld(disk)
  const segments = [0, 1].map(baseOffset =>
    segmentOf(disk, singles(baseOffset, ['a']), { baseOffset }),
  )
  for (const segment of segments) await segment.sync()
  for (const kind of ['index', 'timeindex', 'snapshot', 'sequences'])
    writeFile(disk, name(1, kind), kind)
  writeFile(disk, name(2, 'log'), 'stays')
  return { disk, world, segments, removal: new SegmentRemoval(world, FOLDER) }
}

describe('removing segments', () => {
  it('renames all their files at once, durably, and unlinks them after the delay', async () => {
    const { disk, world, segments, removal } = await given()
    await removal.remove(segments, 60_000)
    const renamed = [
      name(0, 'log.deleted'),
      ...['index', 'log', 'sequences', 'snapshot', 'timeindex'].map(kind =>
        name(1, `${kind}.deleted`),
      ),
      name(2, 'log'),
    ]
    expect(await namesIn(disk)).toEqual(renamed)
    expect(await namesIn(afterPowerLoss(disk))).toEqual(renamed)
    world.clock.advance(59_999)
    await settle()
    expect(await namesIn(disk)).toEqual(renamed)
    world.clock.advance(1)
    await settle()
    expect(await namesIn(disk)).toEqual([name(2, 'log')])
  })

  it('leaves after a loss of power, at any operation, no hole between two segments', async () => {
    const { disk, segments, removal } = await given()
    await disk.syncDirectory(FOLDER)
    const before = disk.operations.length
    await removal.remove(segments, 60_000)
    for (let count = before; count <= disk.operations.length; count++) {
      for (const survival of ['kept', 'lost'] as const) {
        const names = [...disk.imageAfter(count, () => survival).names.keys()]
        const has = (baseOffset: number) => names.includes(`${FOLDER}/${name(baseOffset, 'log')}`)
        expect(!has(0) || has(1), `${survival} after ${count}`).toBe(true)
        const isWhole = names.includes(`${FOLDER}/${name(1, 'snapshot')}`)
        expect(!has(1) || isWhole, `${survival} after ${count}`).toBe(true)
      }
    }
  })

  it('unlinks nothing any more once it is closed', async () => {
    const { disk, world, segments, removal } = await given()
    await removal.remove(segments, 60_000)
    const names = await namesIn(disk)
    removal.close()
    world.clock.advance(1_000_000)
    await settle()
    expect(await namesIn(disk)).toEqual(names)
    expect(world.clock.waitingCount).toBe(0)
  })

  it('goes on with the other files when one cannot be unlinked', async () => {
    const { disk, world, segments, removal } = await given()
    await removal.remove(segments, 0)
    await disk.remove(`${FOLDER}/${name(1, 'index.deleted')}`)
    writeFile(disk, name(9, 'log'), 'unrelated')
    world.clock.advance(1)
    await settle()
    expect(await namesIn(disk)).toEqual([name(2, 'log'), name(9, 'log')])
  })

  it('tells a failure of the disk', async () => {
    const { disk, segments, removal } = await given()
    disk.rename = () => Promise.reject(new Error('could not rename'))
    await expect(removal.remove(segments, 0)).rejects.toThrow('could not rename')
  })
})
