import { expect, it } from 'vitest'
import { PooledFile } from '../../../../packages/broker/src/log/pooled-file.ts'
import { DiskImage } from '../../../support/disk-image.ts'
import { ModelDisk } from '../../../support/model-disk.ts'

async function given() {
  const disk = new ModelDisk(new DiskImage())
  await disk.makeDirectory('/data')
  const told: string[] = []
  const file = new PooledFile(disk.openNow('/data/0.log', 'create'), {
    reopen: path => disk.openNow(path, 'existing'),
    synced: () => void told.push('synced'),
    closed: () => void told.push('closed'),
  })
  const isOpen = () => disk.openPaths.includes('/data/0.log')
  return { disk, file, told, isOpen }
}

it('is closed when nobody has used it between two looks, and opened by the next use', async () => {
  const { file, isOpen } = await given()
  file.appendNow([Buffer.from('abc')])
  await file.sync()
  expect([file.closeIfIdle(), file.closeIfIdle(), isOpen()]).toEqual([false, true, false])
  expect(file.sizeBytes).toBe(3)
  expect([file.readNow(1, Buffer.alloc(9)), isOpen()]).toEqual([2, true])
})

it('tells the pool when all of it is synced, not when something was written meanwhile', async () => {
  const { file, told } = await given()
  file.appendNow([Buffer.from('a')])
  const syncing = file.sync()
  file.appendNow([Buffer.from('b')])
  await syncing
  expect([told, file.closeIfIdle(), file.closeIfIdle()]).toEqual([[], false, false])
  await file.sync()
  expect(told).toEqual(['synced'])
})

it('is not synced by what began while it was being written', async () => {
  const { disk, file, told } = await given()
  let end = (): void => undefined
  disk.hold = call => (call === 'append' ? new Promise(resolve => (end = resolve)) : undefined)
  const written = file.append([Buffer.from('a')])
  await file.sync()
  expect([file.closeIfIdle(), file.closeIfIdle()]).toEqual([false, false])
  end()
  await written
  expect([file.closeIfIdle(), file.closeIfIdle()]).toEqual([false, false])
  await file.sync()
  expect([told.at(-1), file.closeIfIdle()]).toEqual(['synced', false])
  expect(file.closeIfIdle()).toBe(true)
})

it('is of no use any more after its owner has closed it, once', async () => {
  const { file, told } = await given()
  await file.close()
  await file.close()
  expect(told).toEqual(['closed'])
  expect(() => file.readNow(0, Buffer.alloc(1))).toThrow('EBADF')
  await expect(file.read(0, Buffer.alloc(1))).rejects.toThrow('EBADF')
})
