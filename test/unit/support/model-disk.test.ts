import { describe, expect, it } from 'vitest'
import { DiskImage } from '../../support/disk-image.ts'
import { describeDisk } from '../../support/disk-laws.ts'
import { ModelDisk } from '../../support/model-disk.ts'

describeDisk('the model disk', async () => {
  const disk = new ModelDisk(new DiskImage())
  await disk.makeDirectory('/data')
  return { disk, root: '/data' }
})

describe('an append that is held', () => {
  const given = async () => {
    const disk = new ModelDisk(new DiskImage())
    await disk.makeDirectory('/data')
    const file = disk.openNow('/data/a.log', 'create')
    file.appendNow([Buffer.from('abc')])
    let end = (): void => undefined
    disk.hold = call => (call === 'append' ? new Promise(resolve => (end = resolve)) : undefined)
    const appended = file.append([Buffer.from('defg')])
    return { disk, file, appended, end: () => end() }
  }

  it('is done when it ends, where the file ended when it began, and no sync before covers it', async () => {
    const { disk, file, appended, end } = await given()
    await file.sync()
    expect(file.sizeBytes).toBe(3)
    const closed = file.close()
    end()
    await Promise.all([appended, closed])
    expect(`${await disk.readFile('/data/a.log')}`).toBe('abcdefg')
    const durable = disk.imageAfter(disk.operations.length, () => 'lost')
    expect(`${durable.content(disk.image.names.get('/data/a.log') as number)}`).toBe('abc')
  })

  it('lets nobody else change the file meanwhile', async () => {
    const { file } = await given()
    expect(() => file.appendNow([Buffer.from('x')])).toThrow('while it is appended to')
    expect(() => file.truncateNow(0)).toThrow('while it is appended to')
    await expect(file.append([Buffer.from('x')])).rejects.toThrow('twice at once')
  })

  it('is cut short when the process is killed', async () => {
    const { disk } = await given()
    disk.endAppends(sizeBytes => sizeBytes - 1)
    expect(`${await disk.readFile('/data/a.log')}`).toBe('abcdef')
  })
})
