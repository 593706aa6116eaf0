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

const name = (kind: string) => `${'1'.padStart(20, '0')}.${kind}`
const COMPANIONS = ['index', 'sequences', 'snapshot', 'timeindex']

async function given() {
  const disk = await diskWithFolder()
  await disk.syncDirectory('/data')
  const world = quietWorld(disk)
  const segment = segmentOf(disk, singles(1, ['a']), { baseOffset: 1 })
  for (const kind of COMPANIONS) writeFile(disk, name(kind), kind)
  const removal = new SegmentRemoval(world, FOLDER)
  const takeAway = async () => {
    const renamed: string[] = []
    await removal.takeName(segment, renamed)
    await removal.takeCompanions(segment, renamed)
    return renamed
  }
  return { disk, world, segment, removal, takeAway }
}

describe('removing segments', () => {
  it('takes the name of the batch file away, and those of the others when it is told to', async () => {
    const { disk, segment, removal } = await given()
    const renamed: string[] = []
    await removal.takeName(segment, renamed)
    expect(await namesIn(disk)).toEqual([...COMPANIONS.map(name), name('log.deleted')].sort())
    await removal.takeCompanions(segment, renamed)
    const all = [...COMPANIONS, 'log'].map(kind => name(`${kind}.deleted`)).sort()
    expect(await namesIn(disk)).toEqual(all)
    expect([...renamed].sort()).toEqual(all.map(each => `${FOLDER}/${each}`))
    expect(await namesIn(afterPowerLoss(disk))).toEqual([])
    await removal.syncNames()
    expect(await namesIn(afterPowerLoss(disk))).toEqual(all)
  })

  it('unlinks what was renamed after the delay', async () => {
    const { disk, world, removal, takeAway } = await given()
    removal.unlinkLater(await takeAway(), 60_000)
    world.clock.advance(59_999)
    await settle()
    expect((await namesIn(disk)).length).toBe(5)
    world.clock.advance(1)
    await settle()
    expect(await namesIn(disk)).toEqual([])
  })

  it('unlinks nothing any more once it is closed, whatever it is asked then', async () => {
    const { disk, world, removal, takeAway } = await given()
    const renamed = await takeAway()
    removal.unlinkLater(renamed, 60_000)
    const names = await namesIn(disk)
    removal.close()
    removal.unlinkLater(renamed, 60_000)
    world.clock.advance(1_000_000)
    await settle()
    expect(await namesIn(disk)).toEqual(names)
    expect(world.clock.waitingCount).toBe(0)
  })

  it('goes on with the other files when one cannot be unlinked', async () => {
    const { disk, world, removal, takeAway } = await given()
    removal.unlinkLater(await takeAway(), 0)
    await disk.remove(`${FOLDER}/${name('index.deleted')}`)
    world.clock.advance(1)
    await settle()
    expect(await namesIn(disk)).toEqual([])
  })

  it('tells a failure of the disk', async () => {
    const { disk, takeAway } = await given()
    disk.rename = () => Promise.reject(new Error('could not rename'))
    await expect(takeAway()).rejects.toThrow('could not rename')
  })
})
