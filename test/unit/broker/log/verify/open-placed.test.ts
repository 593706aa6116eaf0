import { describe, expect, it } from 'vitest'
import { openPlaced } from '../../../../../packages/broker/src/log/verify/open-placed.ts'
import { diskWithFolder, FOLDER, writeFile } from '../../../../support/log-parts.ts'

const NAME = '00000000000000000000.log'
const journaled = (content: string, segmentPosition: number) => ({
  ...{ type: 'bytes' as const, topicId: 'a', partition: 0, leaderEpoch: 0 },
  ...{ baseOffset: 0, endOffset: 1, segmentBaseOffset: 0, segmentPosition },
  sizeBytes: content.length,
  read: () => Promise.resolve(Buffer.from(content)),
})

describe('a segment that is verified', () => {
  const read = async (name: string | undefined, entries: ReturnType<typeof journaled>[]) => {
    const disk = await diskWithFolder()
    writeFile(disk, NAME, 'in the file')
    const file = await openPlaced(FOLDER, { baseOffset: 0, name, journaled: entries }, disk)
    const bytes = Buffer.alloc(file.sizeBytes)
    await file.read(0, bytes)
    await file.close()
    return bytes.toString()
  }

  it('is its file', async () => {
    expect(await read(NAME, [])).toBe('in the file')
  })

  it('has what the journal puts back', async () => {
    expect(await read(NAME, [journaled('FILE, and more', 7)])).toBe('in the FILE, and more')
  })

  it('is what the journal alone knows', async () => {
    expect(await read(undefined, [journaled('new', 0)])).toBe('new')
  })
})
