import { expect, it } from 'vitest'
import { IndexBytes } from '../../../../packages/broker/src/log/index-bytes.ts'
import { writeIndexFile } from '../../../../packages/broker/src/log/index-file.ts'
import { DiskImage } from '../../../support/disk-image.ts'
import { ModelDisk } from '../../../support/model-disk.ts'

const PATH = '/log/00000000000000000000.index'

async function given() {
  const disk = new ModelDisk(new DiskImage())
  await disk.makeDirectory('/log')
  const index = new IndexBytes(4)
  const append = (value: number): void => {
    const at = index.extend()
    index.bytes.writeInt32BE(value, at)
  }
  const content = async (): Promise<number[]> => {
    const bytes = (await disk.readFile(PATH)) ?? Buffer.alloc(0)
    return Array.from({ length: bytes.length / 4 }, (_, entry) => bytes.readInt32BE(entry * 4))
  }
  return { disk, index, append, content }
}

it('writes what the file lacks, and nothing beyond the end that is given', async () => {
  const { disk, index, append, content } = await given()
  for (const value of [1, 2, 3]) append(value)
  await writeIndexFile(disk, PATH, index, 8)
  expect([await content(), index.unwritten()?.position]).toEqual([[1, 2], 8])
  await writeIndexFile(disk, PATH, index, 4)
  expect(await content()).toEqual([1, 2])
  await writeIndexFile(disk, PATH, index, index.sizeBytes)
  expect([await content(), index.unwritten()]).toEqual([[1, 2, 3], undefined])
  const { syncCount } = disk
  await writeIndexFile(disk, PATH, index, index.sizeBytes)
  expect(disk.syncCount).toBe(syncCount)
})

it('cuts off what was taken back', async () => {
  const { disk, index, append, content } = await given()
  for (const value of [1, 2, 3]) append(value)
  await writeIndexFile(disk, PATH, index, index.sizeBytes)
  index.truncate(1)
  append(9)
  await writeIndexFile(disk, PATH, index, index.sizeBytes)
  expect(await content()).toEqual([1, 9])
  index.truncate(1)
  await writeIndexFile(disk, PATH, index, index.sizeBytes)
  expect(await content()).toEqual([1])
})
