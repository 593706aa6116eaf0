import { crc32c } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { LeaderEpochs } from '../../../../packages/broker/src/log/leader-epochs.ts'
import type { LoadOptions } from '../../../../packages/broker/src/log/load-options.ts'
import { readLogFolder } from '../../../../packages/broker/src/log/log-folder.ts'
import { encodeProducerSnapshot } from '../../../../packages/broker/src/log/producer-snapshot.ts'
import { recoverSegments } from '../../../../packages/broker/src/log/recovery.ts'
import { encodeRecoveryMark } from '../../../../packages/broker/src/log/recovery-mark.ts'
import { Segment } from '../../../../packages/broker/src/log/segment.ts'
import { SegmentList } from '../../../../packages/broker/src/log/segment-list.ts'
import type { SegmentImage } from '../../../../packages/broker/src/log/segment-state.ts'
import { quietWorld } from '../../../support/journal-world.ts'
import {
  afterPowerLoss,
  diskWithFolder,
  FOLDER,
  identity,
  loadOptions,
  loadToolsOf,
  namesIn,
  producerEntry,
  segmentOf,
  singles,
  storedBatch,
  writeFile,
} from '../../../support/log-parts.ts'

const log = (baseOffset: number) => `${String(baseOffset).padStart(20, '0')}.log`

/** A folder with these segments, as a crash left them. */
async function given(
  files: { readonly [baseOffset: number]: Uint8Array },
  more: { readonly [name: string]: string } = {},
) {
  const disk = await diskWithFolder()
  await disk.syncDirectory('/data')
  writeFile(disk, 'partition.metadata', `version: 0\ntopic_id: ${identity.topicId}`)
  for (const [name, content] of Object.entries(more)) writeFile(disk, name, content)
  for (const [base, content] of Object.entries(files)) writeFile(disk, log(Number(base)), content)
  const world = quietWorld(disk)
  const leaderEpochs = new LeaderEpochs()
  const segments = new SegmentList(
    disk,
    FOLDER,
    Object.entries(files).map(
      ([base, content]) =>
        new Segment(disk, FOLDER, {
          ...{ baseOffset: Number(base), sizeBytes: content.length, createdMs: 0, isNew: 'no' },
        }),
    ),
  )
  const tools = loadToolsOf(world)
  const recover = async (options: Partial<LoadOptions> = {}) => {
    const folder = await readLogFolder(identity, tools)
    const source = { segments, leaderEpochs, folder, options: loadOptions(options) }
    return recoverSegments(identity, source, tools)
  }
  const contentOf = (baseOffset: number) => disk.readFile(`${FOLDER}/${log(baseOffset)}`)
  const { producerQuota } = tools
  return { disk, world, segments, leaderEpochs, recover, contentOf, producerQuota }
}

const journalUpTo = (durableOffset: number) => ({
  recovered: { topicId: identity.topicId, partition: 0, durableOffset, entries: [] },
})

const flipped = (bytes: Buffer) => {
  const damaged = Buffer.from(bytes)
  damaged.writeUInt8((damaged.at(-1) as number) ^ 1, damaged.length - 1)
  return damaged
}

describe('recovery', () => {
  const [a, b, c] = singles(0, ['a', 'b', 'c']) as [Buffer, Buffer, Buffer]
  const whole = Buffer.concat([a, b, c])

  it('takes a log that is whole as it is, and builds what belongs to it', async () => {
    const later = storedBatch({
      ...{ values: ['d', 'e'], baseOffset: 3, timestamp: 9_000, partitionLeaderEpoch: 4 },
      ...{ producerId: 7, producerEpoch: 0, baseSequence: 0 },
    })
    const { recover, segments, leaderEpochs, contentOf } = await given({
      0: Buffer.concat([whole, later]),
    })
    const { logEndOffset, producers } = await recover()
    expect(logEndOffset).toBe(5)
    expect(await contentOf(0)).toEqual(Buffer.concat([whole, later]))
    expect(producers.get(7)?.batches).toMatchObject([{ baseOffset: 3, lastSequence: 1 }])
    expect(leaderEpochs.starts).toEqual([
      { epoch: 0, startOffset: 0 },
      { epoch: 4, startOffset: 3 },
    ])
    expect(segments.active.maxTimestamp).toBe(9_000)
  })

  it.each([
    ['a batch that is cut off', c.subarray(0, -1)],
    ['a wrong checksum', flipped(c)],
    ['zeros', Buffer.alloc(100)],
    ['an offset that leaves a gap', storedBatch({ values: ['x'], baseOffset: 3 })],
    ['an offset that was there before', storedBatch({ values: ['x'], baseOffset: 1 })],
    [
      'an epoch that goes back',
      storedBatch({ values: ['x'], baseOffset: 2, partitionLeaderEpoch: -1 }),
    ],
  ])('cuts the end of a log at %s (L4)', async (_, bad) => {
    const { recover, contentOf } = await given({ 0: Buffer.concat([a, b, bad]) })
    expect((await recover()).logEndOffset).toBe(2)
    expect(await contentOf(0)).toEqual(Buffer.concat([a, b]))
  })

  it('touches nothing when what was durable is bad or missing (L5)', async () => {
    for (const [content, options] of [
      [Buffer.concat([a, flipped(b), c]), journalUpTo(2)],
      [Buffer.concat([a, flipped(b), c]), { recoveryPoint: 2 }],
      [a, journalUpTo(2)],
    ] as const) {
      const { disk, recover, contentOf, world } = await given({ 0: content })
      const names = await namesIn(disk)
      await expect(recover(options)).rejects.toThrow('EBADMSG')
      expect([await contentOf(0), await namesIn(disk)]).toEqual([content, names])
      expect(world.errors.length).toBe(1)
    }
  })

  it('looks at nothing before the segment of the recovery point', async () => {
    const { disk, recover } = await given({ 0: whole, 3: singles(3, ['d'])[0] as Buffer })
    disk.fault = (call, path) => (call === 'read' && path.endsWith(log(0)) ? 'EIO' : undefined)
    await expect(recover({ recoveryPoint: 2 })).rejects.toThrow('EIO')
    writeFile(disk, '00000000000000000003.snapshot', emptySnapshot)
    expect((await recover({ recoveryPoint: 3 })).logEndOffset).toBe(4)
  })

  it('looks at nothing before a recovery mark, and remembers where that was', async () => {
    const { disk, recover, segments, leaderEpochs, contentOf } = await given({
      0: Buffer.concat([flipped(a), b, c]),
    })
    const before = segmentOf(disk, [a, b], { indexIntervalBytes: 1 })
    const producers = encodeProducerSnapshot([producerEntry], crc32c)
    const mark = encodeRecoveryMark(2, before.image() as SegmentImage, producers, crc32c)
    writeFile(disk, log(0), Buffer.concat([flipped(a), b, c]))
    writeFile(disk, 'recovery-mark', mark)
    leaderEpochs.assign(0, 0)
    const recovered = await recover()
    expect(recovered.logEndOffset).toBe(3)
    expect(recovered.mark).toEqual({ baseOffset: 0, sizeBytes: a.length + b.length })
    expect([...recovered.producers.entries()]).toEqual([producerEntry])
    expect(segments.active.indexes?.offsets.count).toBe(1)
    expect(await contentOf(0)).toEqual(Buffer.concat([flipped(a), b, c]))
  })

  it('goes on in the next segment where the valid part of one ends', async () => {
    const { recover, contentOf } = await given({
      0: Buffer.concat([a, b, Buffer.from('left of a write that was taken back')]),
      2: c,
    })
    expect((await recover()).logEndOffset).toBe(3)
    expect([await contentOf(0), await contentOf(2)]).toEqual([Buffer.concat([a, b]), c])
  })

  it('writes down where epochs began, for a recovery after it begins where it ended', async () => {
    const later = storedBatch({ values: ['d'], baseOffset: 3, partitionLeaderEpoch: 4 })
    const { disk, recover, leaderEpochs } = await given({ 0: whole, 3: later })
    await recover()
    const written = new LeaderEpochs()
    written.load(
      (await afterPowerLoss(disk).readFile(`${FOLDER}/leader-epoch-checkpoint`)) as Buffer,
    )
    expect(written.encode()).toEqual(leaderEpochs.encode())
    expect(written.epochOf(3)).toBe(4)
    expect(written.epochOf(2)).toBe(0)
    const unchanged = await given({ 0: whole })
    unchanged.leaderEpochs.load(Buffer.from('0\n1\n0 0\n'))
    await unchanged.recover()
    expect(await namesIn(unchanged.disk)).not.toContain('leader-epoch-checkpoint')
  })

  it('sets aside the segments that do not follow, and removes what belongs to them', async () => {
    const [d] = singles(5, ['d']) as [Buffer]
    const { disk, recover, segments } = await given(
      { 0: whole, 5: d, 6: Buffer.alloc(0) },
      {
        '00000000000000000005.index': 'x',
        '00000000000000000005.timeindex': 'x',
        '00000000000000000006.snapshot': 'x',
        '00000000000000000006.sequences': 'x',
      },
    )
    expect((await recover()).logEndOffset).toBe(3)
    expect(segments.all.length).toBe(1)
    expect(await namesIn(disk)).toEqual([
      log(0),
      `${log(5)}.0.torn`,
      'leader-epoch-checkpoint',
      'partition.metadata',
    ])
  })

  it('writes what is beyond the recovery point again before it is synced (L6), and not what is below', async () => {
    const { disk, recover } = await given({ 0: whole })
    const before = disk.operations.length
    await recover({ recoveryPoint: 0 })
    const writes = (from: number) =>
      disk.operations.slice(from).flatMap(operation => {
        const isLog = operation.path === `${FOLDER}/${log(0)}`
        return isLog && operation.type === 'write' ? [operation.bytes] : []
      })
    expect(Buffer.concat(writes(before))).toEqual(whole)
    const again = disk.operations.length
    await recover({ recoveryPoint: 3 })
    expect(writes(again)).toEqual([])
  })

  it('is durable when it is done, with the indexes of what is sealed', async () => {
    const [d] = singles(3, ['d']) as [Buffer]
    const { disk, recover } = await given({ 0: whole, 3: d })
    await recover()
    const left = afterPowerLoss(disk)
    expect(await left.readFile(`${FOLDER}/${log(0)}`)).toEqual(whole)
    expect(await left.readFile(`${FOLDER}/${log(3)}`)).toEqual(d)
    const path = `${FOLDER}/00000000000000000000.timeindex`
    expect((await left.readFile(path))?.toString('hex')).toBe('00000000000003e800000000')
  })

  it('gives up when what it found cannot be made durable', async () => {
    const { disk, recover } = await given({ 0: whole })
    disk.fault = call => (call === 'sync' ? 'EIO' : undefined)
    await expect(recover()).rejects.toThrow('EIO')
  })
})

/** A snapshot of no producer, with its checksum. */
const emptySnapshot = Buffer.from('000148674bc700000000', 'hex')

it('counts no producers of a log that could not be recovered', async () => {
  const producer = { producerId: 7, producerEpoch: 0, baseSequence: 0 }
  const [first, second] = singles(0, ['a', 'b'])
  const batch = storedBatch({ values: ['p'], baseOffset: 2, ...producer })
  const { disk, recover, producerQuota } = await given({
    0: Buffer.concat([first as Buffer, second as Buffer, batch]),
  })
  disk.fault = call => (call === 'sync' ? 'EIO' : undefined)
  await expect(recover()).rejects.toThrow('EIO')
  expect(producerQuota.count).toBe(0)
  disk.fault = () => undefined
  await expect(recover(journalUpTo(4))).rejects.toThrow('EBADMSG')
  expect(producerQuota.count).toBe(0)
})
