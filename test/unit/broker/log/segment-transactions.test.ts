import { expect, it } from 'vitest'
import type { IndexBytes } from '../../../../packages/broker/src/log/index-bytes.ts'
import { SegmentTransactions } from '../../../../packages/broker/src/log/segment-transactions.ts'
import type { TransactionIndex } from '../../../../packages/broker/src/log/transaction-index.ts'
import { diskWithFolder, FOLDER, namesIn, writeFile } from '../../../support/log-parts.ts'
import type { ModelDisk } from '../../../support/model-disk.ts'

const NAME = '00000000000000000010.txnindex'
const PATH = `${FOLDER}/${NAME}`
const first = { producerId: 7, firstOffset: 11, lastOffset: 15, lastStableOffset: 12 }
const second = { producerId: 8, firstOffset: 12, lastOffset: 20, lastStableOffset: 21 }

const of = (disk: ModelDisk, file: 'none' | 'maybe') =>
  new SegmentTransactions(disk, PATH, { baseOffset: 10, file })

const writeTo = (disk: ModelDisk) => async (index: IndexBytes) => {
  writeFile(disk, NAME, index.bytes.subarray(0, index.sizeBytes))
  index.written(index.sizeBytes)
}

it('lets go of what is in the file and reads it again', async () => {
  const disk = await diskWithFolder()
  const transactions = of(disk, 'none')
  transactions.add(first)
  transactions.add(second)
  transactions.release()
  expect([transactions.count, transactions.isWritten]).toEqual([2, false])
  await transactions.write(writeTo(disk))
  transactions.release()
  expect(transactions.index).toBeUndefined()
  expect((await transactions.load())?.entries()).toEqual([first, second])
  transactions.add({ producerId: 9, firstOffset: 21, lastOffset: 22, lastStableOffset: 23 })
  transactions.release()
  expect(transactions.count).toBe(3)
})

it('has no file as long as nothing was aborted', async () => {
  const disk = await diskWithFolder()
  const transactions = of(disk, 'none')
  await transactions.write(writeTo(disk))
  transactions.release()
  expect(transactions.index?.count).toBe(0)
  expect(await namesIn(disk)).toEqual([])
  expect((await of(disk, 'maybe').load())?.count).toBe(0)
})

it('takes the file away when the batches hold nothing aborted, whether there is one or not', async () => {
  const disk = await diskWithFolder()
  writeFile(disk, NAME, 'what was there before the crash')
  for (let time = 0; time < 2; time++) {
    const transactions = of(disk, 'maybe')
    transactions.reset()
    await transactions.write(writeTo(disk))
    expect(await namesIn(disk)).toEqual([])
  }
})

it('does not believe a damaged file, and takes over what was built instead', async () => {
  const disk = await diskWithFolder()
  writeFile(disk, NAME, 'half an entry')
  const transactions = of(disk, 'maybe')
  expect(await transactions.load()).toBeUndefined()
  expect(transactions.replace([second]).entries()).toEqual([second])
  await transactions.write(writeTo(disk))
  expect((await of(disk, 'maybe').load())?.entries()).toEqual([second])
})

it('takes back what was added last', async () => {
  const transactions = of(await diskWithFolder(), 'none')
  transactions.add(first)
  const { count } = transactions
  transactions.add(second)
  transactions.cutTo(count)
  expect(transactions.index?.entries()).toEqual([first])
})

it('has nothing to take away where there was no file', async () => {
  const disk = await diskWithFolder()
  const transactions = of(disk, 'none')
  transactions.reset()
  const before = disk.operations.length
  await transactions.write(writeTo(disk))
  expect(disk.operations).toHaveLength(before)
})

it('goes on from what was known at a mark, whatever the file says', async () => {
  const disk = await diskWithFolder()
  writeFile(disk, NAME, 'of another time')
  const known = of(disk, 'none')
  known.add(first)
  const transactions = of(disk, 'maybe')
  transactions.restore(known.index as TransactionIndex)
  expect([transactions.count, transactions.isWritten]).toEqual([1, false])
  transactions.add(second)
  await transactions.write(writeTo(disk))
  expect((await of(disk, 'maybe').load())?.entries()).toEqual([first, second])
})
