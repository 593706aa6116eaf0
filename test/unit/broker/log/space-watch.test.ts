import { describe, expect, it } from 'vitest'
import { SpaceWatch } from '../../../../packages/broker/src/log/space-watch.ts'
import { DiskError } from '../../../../packages/broker/src/world.ts'
import { DiskImage } from '../../../support/disk-image.ts'
import { quietWorld, settle } from '../../../support/journal-world.ts'
import { ModelDisk } from '../../../support/model-disk.ts'

const watch = async (reserve: { bytes: number; share: number }) => {
  const disk = new ModelDisk(new DiskImage())
  disk.capacityBytes = 1_000_000
  const world = quietWorld(disk)
  const space = new SpaceWatch(world, '/', reserve)
  await settle()
  return { disk, world, space }
}

describe('the watch over the space of a disk', () => {
  it('takes the smaller of the two reserves', async () => {
    const { disk, space, world } = await watch({ bytes: 500_000, share: 0.01 })
    const file = disk.openNow('/a', 'create')
    file.appendNow([Buffer.alloc(900_000)])
    world.clock.advance(5_000)
    await settle()
    expect(space.error).toBeUndefined()
    file.appendNow([Buffer.alloc(95_000)])
    world.clock.advance(5_000)
    await settle()
    expect(space.error?.code).toBe('ENOSPC')
    space.close()
  })

  it('looks again after some megabytes, without waiting for its time', async () => {
    const { disk, space } = await watch({ bytes: 500_000, share: 1 })
    disk.openNow('/a', 'create').appendNow([Buffer.alloc(900_000)])
    space.wrote(4_000_000)
    await settle()
    expect(space.error).toBeUndefined()
    space.wrote(5_000_000)
    await settle()
    expect(space.error?.code).toBe('ENOSPC')
    space.close()
  })

  it('believes a write that found the disk full, until a look finds space', async () => {
    const { world, space } = await watch({ bytes: 10, share: 1 })
    space.foundFull(new DiskError('write', '/a', 'ENOSPC'))
    expect(space.error?.code).toBe('ENOSPC')
    expect(world.errors).toHaveLength(1)
    world.clock.advance(500)
    await settle()
    expect(space.error).toBeUndefined()
    space.close()
    expect(world.clock.waitingCount).toBe(0)
  })
})
