import { crc32c } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { readLogFolder } from '../../../../packages/broker/src/log/log-folder.ts'
import { loadProducersBefore } from '../../../../packages/broker/src/log/producer-replay.ts'
import { encodeProducerSnapshot } from '../../../../packages/broker/src/log/producer-snapshot.ts'
import { SegmentList } from '../../../../packages/broker/src/log/segment-list.ts'
import { quietWorld } from '../../../support/journal-world.ts'
import {
  diskWithFolder,
  FOLDER,
  identity,
  loadToolsOf,
  segmentOf,
  storedBatch,
  writeFile,
} from '../../../support/log-parts.ts'

/** A log of two segments, at 0 and 4, of one producer that sends one record after another. */
async function given() {
  const disk = await diskWithFolder()
  writeFile(disk, 'partition.metadata', `version: 0\ntopic_id: ${identity.topicId}`)
  const batches = Array.from({ length: 8 }, (_, offset) =>
    storedBatch({
      ...{ values: ['x'], baseOffset: offset, baseSequence: offset },
      ...{ producerId: 7, producerEpoch: 0 },
    }),
  )
  const list = new SegmentList(disk, FOLDER, [
    segmentOf(disk, batches.slice(0, 4)),
    segmentOf(disk, batches.slice(4), { baseOffset: 4 }),
  ])
  const tools = loadToolsOf(quietWorld(disk))
  const load = async (offset: number, segments = list) => {
    const folder = await readLogFolder(identity, tools)
    return loadProducersBefore(offset, { identity, segments, folder }, tools)
  }
  const entriesAt = async (offset: number) => [...(await load(offset)).entries()]
  const writeSnapshot = async (offset: number) => {
    const content = encodeProducerSnapshot(await entriesAt(offset), crc32c)
    const name = String(offset).padStart(20, '0')
    writeFile(disk, `${name}.snapshot`, content.snapshot)
    writeFile(disk, `${name}.sequences`, content.sequences)
  }
  return { disk, load, list, entriesAt, writeSnapshot, quota: tools.producerQuota }
}

describe('the producers at an offset of a log', () => {
  it('are what the batches before it say, and no later one', async () => {
    const { entriesAt } = await given()
    expect(await entriesAt(0)).toEqual([])
    for (const offset of [1, 4, 6, 8])
      expect((await entriesAt(offset))[0]?.batches.at(-1)?.lastSequence).toBe(offset - 1)
  })

  it('are the same from a snapshot and the batches after it as from all batches (T2)', async () => {
    const { entriesAt, writeSnapshot } = await given()
    const full = await entriesAt(8)
    await writeSnapshot(4)
    expect(await entriesAt(8)).toEqual(full)
    await writeSnapshot(6)
    expect(await entriesAt(8)).toEqual(full)
    await writeSnapshot(8)
    expect(await entriesAt(8)).toEqual(full)
  })

  it('need nothing of the segments before the snapshot', async () => {
    const { disk, load, list, writeSnapshot, entriesAt } = await given()
    const full = await entriesAt(8)
    await writeSnapshot(4)
    const rest = new SegmentList(disk, FOLDER, list.all.slice(1))
    disk.fault = (call, path) => (call === 'read' && path.endsWith('0.log') ? 'EIO' : undefined)
    expect([...(await load(8, rest)).entries()]).toEqual(full)
  })

  it('pass over a snapshot that is damaged, or newer than the offset', async () => {
    const { disk, entriesAt, writeSnapshot } = await given()
    const full = await entriesAt(5)
    await writeSnapshot(2)
    await writeSnapshot(4)
    await writeSnapshot(8)
    writeFile(disk, '00000000000000000004.snapshot', Buffer.alloc(20, 1))
    expect(await entriesAt(5)).toEqual(full)
  })

  it('know only the newest batch of each where the file of the sequences is missing', async () => {
    const { disk, entriesAt, writeSnapshot } = await given()
    await writeSnapshot(8)
    await disk.remove(`${FOLDER}/00000000000000000008.sequences`)
    expect((await entriesAt(8))[0]?.batches).toMatchObject([{ baseOffset: 7, lastSequence: 7 }])
  })

  it('cannot be had when the disk fails', async () => {
    const { disk, load } = await given()
    disk.fault = (call, path) => (call === 'read' && path.endsWith('.log') ? 'EIO' : undefined)
    await expect(load(8)).rejects.toThrow('EIO')
  })

  it('take no place of others when they cannot be had', async () => {
    const { disk, load, writeSnapshot, quota } = await given()
    await writeSnapshot(4)
    const before = quota.count
    disk.fault = (call, path) => (call === 'read' && path.endsWith('.log') ? 'EIO' : undefined)
    await expect(load(8)).rejects.toThrow('EIO')
    expect(quota.count).toBe(before)
  })
})
