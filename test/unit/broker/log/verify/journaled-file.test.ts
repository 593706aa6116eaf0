import { expect, it } from 'vitest'
import type { RecoveredBytes } from '../../../../../packages/broker/src/log/journal/entry.ts'
import { JournaledFile } from '../../../../../packages/broker/src/log/verify/journaled-file.ts'
import { diskWithFolder, FOLDER, writeFile } from '../../../../support/log-parts.ts'

const entry = (segmentPosition: number, text: string): RecoveredBytes => ({
  ...{ type: 'bytes', topicId: 't', partition: 0, leaderEpoch: 0, baseOffset: 0, endOffset: 1 },
  ...{ segmentBaseOffset: 0, segmentPosition, sizeBytes: text.length },
  read: async () => Buffer.from(text),
})

async function contentOf(file: JournaledFile, position = 0, length = 100): Promise<string> {
  const into = Buffer.alloc(length, '?')
  const count = await file.read(position, into)
  return into.subarray(0, count).toString('latin1')
}

it('reads a segment with what the journal puts back, the later over the earlier', async () => {
  const disk = await diskWithFolder()
  writeFile(disk, 'x', 'abcdef')
  const under = await disk.open(`${FOLDER}/x`, 'existing')
  const file = new JournaledFile('x', under, [entry(4, 'XYZ'), entry(5, '12')])
  expect([file.sizeBytes, await contentOf(file)]).toEqual([7, 'abcdX12'])
  expect(await contentOf(file, 3, 2)).toBe('dX')
  expect(await contentOf(file, 7)).toBe('')
  await file.close()
})

it('has zeros where neither knows anything, and needs no file', async () => {
  expect(await contentOf(new JournaledFile('x', undefined, [entry(2, 'ab')]))).toBe('\0\0ab')
})

it('changes nothing', async () => {
  const file = new JournaledFile('x', undefined, [])
  expect(() => file.readNow()).toThrow('EROFS')
  expect(() => file.appendNow()).toThrow('EROFS')
  expect(() => file.writeNow()).toThrow('EROFS')
  expect(() => file.truncateNow()).toThrow('EROFS')
  for (const change of [file.append(), file.write(), file.sync(), file.truncate()])
    await expect(change).rejects.toThrow('EROFS')
})
