import { crc32c } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { loadLog } from '../../../../../packages/broker/src/log/load-log.ts'
import type { LoadOptions } from '../../../../../packages/broker/src/log/load-options.ts'
import { writePartitionMetadata } from '../../../../../packages/broker/src/log/partition-metadata.ts'
import { findingKinds } from '../../../../../packages/broker/src/log/verify/finding.ts'
import {
  type LogToVerify,
  verifyLog,
} from '../../../../../packages/broker/src/log/verify/verify-log.ts'
import type { DiskError } from '../../../../../packages/broker/src/world.ts'
import { quietWorld } from '../../../../support/journal-world.ts'
import { append, openHarness } from '../../../../support/log-harness.ts'
import {
  diskWithFolder,
  FOLDER,
  identity,
  loadOptions,
  loadToolsOf,
  singles,
  writeFile,
} from '../../../../support/log-parts.ts'
import { ModelDisk } from '../../../../support/model-disk.ts'

const file = (offset: number, kind: string): string => `${String(offset).padStart(20, '0')}.${kind}`
const LOG: LogToVerify = {
  ...{ directory: FOLDER, folder: 'events-0', kind: 'partition', lastStop: 'clean' },
  ...{ recoveryPoint: 0, logStartOffset: 0, cleanedTo: 0, recovered: undefined },
}

const verify = (disk: ModelDisk, more: Partial<LogToVerify> = {}) =>
  verifyLog({ ...LOG, ...more }, { disk, crc32c })

async function kinds(disk: ModelDisk, more: Partial<LogToVerify> = {}) {
  const { findings } = await verify(disk, more)
  return findings.map(({ kind, file: path }) => [kind, path.replace('events-0', '').slice(1)])
}

/** Three segments of two batches, closed in order by a broker: with producers, indexes and snapshots. */
async function closedLog(): Promise<ModelDisk> {
  const disk = await diskWithFolder()
  await disk.removeDirectory(FOLDER)
  const settings = { segmentBytes: 200, indexIntervalBytes: 0 }
  const broker = await openHarness(quietWorld(disk), { settings, leaderEpoch: 2 })
  for (let index = 0; index < 6; index++) {
    append(broker.partition(), {
      ...{ values: [`v${index}`], timestamp: 1000 + index },
      ...{ producerId: 7, baseSequence: index },
    })
    await broker.flush()
  }
  await broker.close()
  return disk
}

async function flip(disk: ModelDisk, name: string, position: number): Promise<void> {
  const opened = await disk.open(`${FOLDER}/${name}`, 'existing')
  const byte = Buffer.alloc(1)
  await opened.read(position, byte)
  await opened.write(position, [Buffer.from([(byte[0] ?? 0) ^ 0x55])])
  await opened.close()
}

describe('after a clean stop', () => {
  it('finds nothing wrong in a log that a broker has closed', async () => {
    const disk = await closedLog()
    const before = disk.operations.length
    const verified = await verify(disk, { recoveryPoint: 6 })
    expect(verified).toMatchObject({
      ...{ folder: 'events-0', segmentCount: 3, batchCount: 6, startOffset: 0, endOffset: 6 },
      findings: [],
    })
    expect(disk.operations.length).toBe(before)
  })

  it('finds every flipped byte of a segment, and says where', async () => {
    const disk = await closedLog()
    const sizeBytes = ((await disk.readFile(`${FOLDER}/${file(2, 'log')}`)) as Buffer).length / 2
    for (let at = 0; at < sizeBytes; at++) {
      await flip(disk, file(2, 'log'), at)
      const { findings } = await verify(disk, { recoveryPoint: 6 })
      expect([at, findings.length > 0]).toEqual([at, true])
      // A leader epoch that is too large is only seen by the one after it, or by the file of epochs.
      if (at < 12 || at >= 16)
        expect([at, findings[0]]).toEqual([at, expect.objectContaining({ position: 0, offset: 2 })])
      await flip(disk, file(2, 'log'), at)
    }
    expect(await kinds(disk)).toEqual([])
  })

  it('finds a segment that is missing, and an end that is', async () => {
    const disk = await closedLog()
    await disk.remove(`${FOLDER}/${file(2, 'log')}`)
    expect((await kinds(disk)).slice(0, 1)).toEqual([['lost records', file(4, 'log')]])
    const cut = await closedLog()
    await cut.remove(`${FOLDER}/${file(4, 'log')}`)
    expect(await kinds(cut, { recoveryPoint: 6 })).toContainEqual(['lost records', ''])
  })

  it('finds files that do not say what the log says', async () => {
    for (const [name, position, kind] of [
      [file(2, 'index'), 7, 'wrong index'],
      [file(2, 'timeindex'), 7, 'wrong index'],
      [file(2, 'snapshot'), 30, 'wrong snapshot'],
      [file(2, 'sequences'), 30, 'wrong sequences'],
      ['leader-epoch-checkpoint', 4, 'wrong leader epochs'],
    ] as const) {
      const disk = await closedLog()
      await flip(disk, name, position)
      expect(await kinds(disk)).toEqual([[kind, name]])
    }
  })

  it('takes gaps for those of compaction only where there was one', async () => {
    const disk = await diskWithFolder()
    writeFile(disk, file(0, 'log'), Buffer.concat([...singles(0, ['a']), ...singles(4, ['b'])]))
    writeFile(disk, 'leader-epoch-checkpoint', '0\n1\n0 0\n')
    expect(await kinds(disk)).toEqual([['lost records', file(0, 'log')]])
    expect(await kinds(disk, { cleanedTo: 4 })).toEqual([])
    expect(await kinds(disk, { cleanedTo: 2 })).toEqual([['gap', file(0, 'log')]])
  })

  it('lets a log end in an empty segment, after what compaction has emptied', async () => {
    const disk = await diskWithFolder()
    writeFile(disk, file(0, 'log'), Buffer.concat(singles(0, ['a'])))
    writeFile(disk, file(9, 'log'), '')
    writeFile(disk, 'leader-epoch-checkpoint', '0\n1\n0 0\n')
    const verified = await verify(disk, { recoveryPoint: 9, cleanedTo: 9 })
    expect([verified.endOffset, verified.findings]).toEqual([9, []])
    expect(await kinds(disk, { recoveryPoint: 9 })).toEqual([['lost records', file(9, 'log')]])
  })

  it('says what is left over, and what a broker has noted', async () => {
    const disk = await closedLog()
    writeFile(disk, file(0, 'log.deleted'), 'x')
    writeFile(disk, 'damaged', 'durable 6\nfrom 2\n')
    expect(await kinds(disk, { recoveryPoint: 6 })).toEqual([
      ['leftover', file(0, 'log.deleted')],
      ['leftover', 'damaged'],
    ])
    expect(await kinds(await diskWithFolder())).toEqual([])
  })
})

describe('after a crash', () => {
  const unclean = { lastStop: 'unclean', recoveryPoint: 2 } as const

  async function tornLog(more: Uint8Array): Promise<ModelDisk> {
    const disk = await diskWithFolder()
    writeFile(disk, file(0, 'log'), Buffer.concat([...singles(0, ['a', 'b', 'c']), more]))
    return disk
  }

  it('takes what is bad above the durable end for a torn tail (L5)', async () => {
    const disk = await tornLog(Buffer.from('torn'))
    expect(await kinds(disk, unclean)).toEqual([['torn tail', file(0, 'log')]])
    await flip(disk, file(0, 'log'), Buffer.concat(singles(0, ['a', 'b'])).length + 65)
    writeFile(disk, file(9, 'log'), Buffer.concat(singles(9, ['x'])))
    expect(await kinds(disk, unclean)).toEqual([
      ['torn tail', file(0, 'log')],
      ['torn tail', file(9, 'log')],
    ])
    const [first] = (await verify(disk, unclean)).findings
    expect(first?.offset).toBe(2)
  })

  it('takes what is bad below it for corruption (L5)', async () => {
    const disk = await tornLog(Buffer.alloc(0))
    await flip(disk, file(0, 'log'), 70)
    expect(await kinds(disk, unclean)).toEqual([['corruption', file(0, 'log')]])
    const whole = await tornLog(Buffer.alloc(0))
    expect(await kinds(whole, { ...unclean, recoveryPoint: 9 })).toEqual([['lost records', '']])
  })

  it('says before a start what the start will do, whichever byte is hit and wherever the file ends', async () => {
    const disk = await tornLog(Buffer.from('torn'))
    const { length } = (await disk.readFile(`${FOLDER}/${file(0, 'log')}`)) as Buffer
    const copy = (): ModelDisk =>
      new ModelDisk(disk.imageAfter(disk.operations.length, () => 'kept'))
    const hits = [
      (at: number) => (of: ModelDisk) => flip(of, file(0, 'log'), at),
      (at: number) => (of: ModelDisk) =>
        of.openNow(`${FOLDER}/${file(0, 'log')}`, 'existing').truncate(at),
    ]
    for (let at = 0; at < length; at++) {
      for (const hit of hits) {
        const damaged = copy()
        await writePartitionMetadata(damaged, FOLDER, identity.topicId)
        await hit(at)(damaged)
        const { endOffset, findings } = await verify(damaged, unclean)
        const isDamaged = findings.some(({ kind }) => findingKinds[kind].isDamage)
        const loaded = await loadLog(
          identity,
          loadOptions({ recoveryPoint: unclean.recoveryPoint }),
          loadToolsOf(quietWorld(damaged)),
        ).catch((error: DiskError) => error.code)
        const outcome = typeof loaded === 'string' ? loaded : loaded.logEndOffset
        expect([at, outcome]).toEqual([at, isDamaged ? 'EBADMSG' : endOffset])
      }
    }
  })

  /** What a start makes of a copy: where the log ends, or the code of the error that leaves it offline. */
  async function started(disk: ModelDisk, options: Partial<LoadOptions>): Promise<number | string> {
    const copy = new ModelDisk(disk.imageAfter(disk.operations.length, () => 'kept'))
    await writePartitionMetadata(copy, FOLDER, identity.topicId)
    return loadLog(identity, loadOptions(options), loadToolsOf(quietWorld(copy))).then(
      ({ logEndOffset }) => logEndOffset,
      (error: DiskError) => error.code,
    )
  }

  it('ends a log that begins with an empty segment where the start will end it', async () => {
    const disk = await diskWithFolder()
    writeFile(disk, file(3, 'log'), '')
    writeFile(disk, file(4, 'log'), Buffer.concat(singles(4, ['a', 'b'])))
    const lost = { lastStop: 'unclean', recoveryPoint: 0 } as const
    const verified = await verify(disk, lost)
    expect([verified.startOffset, verified.endOffset, await started(disk, lost)]).toEqual([3, 3, 3])
    expect(verified.findings.map(({ kind, about }) => [kind, about])).toEqual([
      ['torn tail', expect.stringContaining('takes offset 3 for the end of the log')],
      ['torn tail', 'It lies beyond the end of the log, which is at offset 3.'],
    ])
    const recovered = { topicId: 't', partition: 0, durableOffset: 6, entries: [] }
    expect(await kinds(disk, { ...lost, recovered })).toEqual([['lost records', file(3, 'log')]])
    expect(await started(disk, { ...lost, recovered })).toBe('EBADMSG')
    expect(await kinds(disk, { ...lost, recoveryPoint: 4 })).toEqual([])
    expect(await started(disk, { ...lost, recoveryPoint: 4 })).toBe(6)
  })

  it('ends a log before a segment that is missing, as the start does, if it was durable no further', async () => {
    const disk = await diskWithFolder()
    writeFile(disk, file(0, 'log'), Buffer.concat(singles(0, ['a', 'b'])))
    writeFile(disk, file(4, 'log'), Buffer.concat(singles(4, ['c'])))
    expect(await kinds(disk, unclean)).toEqual([['torn tail', file(4, 'log')]])
    expect([(await verify(disk, unclean)).endOffset, await started(disk, unclean)]).toEqual([2, 2])
    const recovered = { topicId: 't', partition: 0, durableOffset: 5, entries: [] }
    expect((await kinds(disk, { ...unclean, recovered }))[0]).toEqual([
      'lost records',
      file(4, 'log'),
    ])
    expect(await started(disk, { ...unclean, recovered })).toBe('EBADMSG')
  })

  it('believes an empty end behind a hole only where there was a compaction, as the start does', async () => {
    const disk = await diskWithFolder()
    writeFile(disk, file(0, 'log'), Buffer.concat(singles(0, ['a'])))
    writeFile(disk, file(9, 'log'), '')
    for (const lastStop of ['unclean', 'clean'] as const) {
      const to9 = { lastStop, recoveryPoint: 9 }
      expect(await kinds(disk, to9)).toEqual([['lost records', file(9, 'log')]])
      expect(await started(disk, to9)).toBe('EBADMSG')
      expect((await kinds(disk, { ...to9, cleanedTo: 5 }))[0]).toEqual(['gap', file(9, 'log')])
      expect(await started(disk, { ...to9, compactedTo: 5 })).toBe(9)
      expect((await verify(disk, { ...to9, cleanedTo: 9 })).endOffset).toBe(9)
    }
    const passedOver = { lastStop: 'unclean', recoveryPoint: 1 } as const
    expect([await kinds(disk, passedOver), await started(disk, passedOver)]).toEqual([[], 1])
    writeFile(disk, file(0, 'log'), Buffer.concat(singles(0, [...'abcdefghijkl'])))
    const grown = { lastStop: 'unclean', recoveryPoint: 9 } as const
    expect([await kinds(disk, grown), await started(disk, grown)]).toEqual([[], 12])
  })

  it('reads what the journal will put back', async () => {
    const disk = await tornLog(Buffer.alloc(0))
    const bytes = Buffer.concat(singles(3, ['d', 'e']))
    const segmentPosition = Buffer.concat(singles(0, ['a', 'b', 'c'])).length
    const entry = {
      type: 'bytes',
      ...{ topicId: 't', partition: 0, leaderEpoch: 0, baseOffset: 3, endOffset: 5 },
      ...{ segmentBaseOffset: 0, segmentPosition, sizeBytes: bytes.length },
      read: async () => bytes,
    } as const
    const recovered = { topicId: 't', partition: 0, durableOffset: 5, entries: [entry] }
    const verified = await verify(disk, { ...unclean, recovered })
    expect([verified.endOffset, verified.findings]).toEqual([5, []])
    const none = { ...recovered, entries: [] }
    expect(await kinds(disk, { ...unclean, recovered: none })).toEqual([['lost records', '']])
    const elsewhere = { ...entry, segmentBaseOffset: 3, segmentPosition: 0 }
    const rolled = await verify(disk, {
      ...unclean,
      recovered: { ...recovered, entries: [elsewhere] },
    })
    expect([rolled.segmentCount, rolled.endOffset, rolled.findings]).toEqual([2, 5, []])
  })

  it('takes a batch of the metadata log for torn only if none comes after it', async () => {
    const metadata = { lastStop: 'unclean', kind: 'metadata' } as const
    const torn = await tornLog(Buffer.from('torn'))
    expect(await kinds(torn, metadata)).toEqual([['torn tail', file(0, 'log')]])
    await flip(torn, file(0, 'log'), 70)
    expect((await kinds(torn, metadata))[0]).toEqual(['corruption', file(0, 'log')])
  })
})
