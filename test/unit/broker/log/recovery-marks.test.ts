import { crc32c } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { decodeRecoveryMark } from '../../../../packages/broker/src/log/recovery-mark.ts'
import {
  type MarkPlace,
  RecoveryMarks,
} from '../../../../packages/broker/src/log/recovery-marks.ts'
import { DiskError } from '../../../../packages/broker/src/world.ts'
import { quietWorld } from '../../../support/journal-world.ts'
import {
  diskWithFolder,
  FOLDER,
  loadToolsOf,
  namesIn,
  placeOf,
  producerEntry,
  segmentOf,
  singles,
} from '../../../support/log-parts.ts'

const NAME = 'recovery-mark'
const batch = (offset: number) => singles(offset, ['a'])[0] as Buffer
const BYTES = batch(0).length

/** A segment of one batch, and marks each two batches. */
async function given(written?: MarkPlace) {
  const disk = await diskWithFolder()
  const tools = loadToolsOf(quietWorld(disk))
  const limits = { ...tools.limits, recoveryMarkBytes: 2 * BYTES }
  const segment = segmentOf(disk, [batch(0)])
  const grow = () => {
    const next = batch(segment.sizeBytes / BYTES)
    segment.enter(placeOf(next), 0)
    segment.writeNow([next])
  }
  const marks = new RecoveryMarks(FOLDER, written, { ...tools, limits })
  const take = (count = 1) =>
    marks.take(segment, segment.sizeBytes / BYTES, { count, entries: () => [producerEntry] })
  return { disk, segment, grow, marks, take }
}

describe('the recovery mark of a log', () => {
  it('is due after so many bytes of a segment', async () => {
    const { grow, take, marks } = await given()
    expect(take()).toBeUndefined()
    grow()
    const first = take()
    expect(first?.place).toEqual({ baseOffset: 0, sizeBytes: 2 * BYTES })
    if (first !== undefined) await marks.write(first)
    expect(take()).toBeUndefined()
    grow()
    expect(take()).toBeUndefined()
    grow()
    expect(take()?.place.sizeBytes).toBe(4 * BYTES)
  })

  it('is due sooner after a start that found one, and as late in the next segment', async () => {
    const same = await given({ baseOffset: 0, sizeBytes: BYTES })
    same.grow()
    expect(same.take()).toBeUndefined()
    same.grow()
    expect(same.take()).toBeDefined()
    const other = await given({ baseOffset: 7, sizeBytes: 100 * BYTES })
    expect(other.take()).toBeUndefined()
    other.grow()
    expect(other.take()).toBeDefined()
  })

  it('is of the moment in which it was taken, whenever it is written', async () => {
    const { disk, grow, take, marks } = await given()
    grow()
    const taken = take()
    grow()
    if (taken !== undefined) await marks.write(taken)
    const content = (await disk.readFile(`${FOLDER}/${NAME}`)) as Buffer
    expect(decodeRecoveryMark(content, crc32c)).toMatchObject({
      ...{ offset: 2, producers: [producerEntry] },
      segment: { sizeBytes: 2 * BYTES },
    })
  })

  it('is not made of so many producers that it would hold the event loop up', async () => {
    const { grow, take } = await given()
    grow()
    expect([take(2_001), take(2_000) === undefined]).toEqual([undefined, false])
  })

  it('is tried again as late as after one that was written, and is removed also when only its name is in doubt', async () => {
    const { disk, grow, take, marks } = await given()
    grow()
    const { syncDirectory } = disk
    disk.syncDirectory = path => Promise.reject(new DiskError('sync', path, 'EIO'))
    await expect(marks.write(take() as NonNullable<ReturnType<typeof take>>)).rejects.toThrow('EIO')
    disk.syncDirectory = syncDirectory
    expect(take()).toBeUndefined()
    grow()
    grow()
    expect(take()).toBeDefined()
    expect(await namesIn(disk)).toContain(NAME)
    await marks.remove()
    expect(await namesIn(disk)).not.toContain(NAME)
  })

  it('is removed once, also when somebody else has removed it', async () => {
    const { disk, grow, take, marks } = await given()
    grow()
    await marks.remove()
    for (const isThere of [true, false]) {
      await marks.write(take() as NonNullable<ReturnType<typeof take>>)
      expect(await namesIn(disk)).toContain(NAME)
      if (!isThere) await disk.remove(`${FOLDER}/${NAME}`)
      await marks.remove()
      expect(await namesIn(disk)).not.toContain(NAME)
    }
  })
})
