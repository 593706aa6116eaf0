import { describe, expect, it } from 'vitest'
import type { LoadOptions } from '../../../../packages/broker/src/log/load-options.ts'
import { openWholeLog } from '../../../../packages/broker/src/log/open-whole-log.ts'
import { TimeIndex } from '../../../../packages/broker/src/log/time-index.ts'
import { TransactionIndex } from '../../../../packages/broker/src/log/transaction-index.ts'
import { DiskImage } from '../../../support/disk-image.ts'
import { quietWorld } from '../../../support/journal-world.ts'
import { append, openHarness } from '../../../support/log-harness.ts'
import { FOLDER, loadOptions, loadToolsOf, writeFile } from '../../../support/log-parts.ts'
import { ModelDisk } from '../../../support/model-disk.ts'

/** An entry of the time index with this name. */
function timeEntry(timestamp: number, name: string, offset: number): Buffer {
  const times = new TimeIndex(Number.parseInt(name, 10))
  times.maybeAppend(timestamp, offset)
  return times.file.unwritten()?.content ?? Buffer.alloc(0)
}

function abortedEntry(range: { readonly firstOffset: number; readonly lastOffset: number }) {
  const aborted = new TransactionIndex(0)
  aborted.append({ ...range, producerId: 9, lastStableOffset: range.firstOffset })
  return aborted.file.unwritten()?.content ?? Buffer.alloc(0)
}

/** The folder of a log with three segments, an idempotent producer and six records, as a clean stop leaves it. */
async function stopped(count = 6) {
  const disk = new ModelDisk(new DiskImage())
  const broker = await openHarness(quietWorld(disk), {
    settings: { segmentBytes: 250, indexIntervalBytes: 50 },
  })
  for (let sequence = 0; sequence < count; sequence++)
    append(broker.partition(), {
      ...{ values: ['a'], producerId: 9, baseSequence: sequence, timestamp: 1_000 + sequence },
    })
  await broker.flush()
  const { identity } = broker.partition().log ?? {}
  if (identity === undefined) throw new Error('the partition is offline')
  await broker.close()
  const open = (options: Partial<LoadOptions> = {}, on: ModelDisk = disk) =>
    openWholeLog(
      identity,
      loadOptions({ lastStop: 'unclean', recoveryPoint: count, ...options }),
      loadToolsOf(quietWorld(on)),
    )
  const names = async (): Promise<string[]> =>
    ((await disk.list(FOLDER)) ?? []).map(({ name }) => name)
  const last = async (kind: string): Promise<string> => {
    const found = (await names()).filter(name => name.endsWith(`.${kind}`)).at(-1)
    return found ?? 'none'
  }
  return { disk, identity, open, names, last }
}

describe('a log that is whole', () => {
  it.each(['clean', 'unclean'] as const)(
    'is opened at once after a stop that was %s, with all that it knew, and nothing is written or left open',
    async lastStop => {
      const { disk, open } = await stopped()
      const [operations, openPaths] = [disk.operations.length, disk.openPaths.length]
      const state = open({ lastStop })
      expect(state).toMatchObject({ logStartOffset: 0, logEndOffset: 6, lastStop: 'clean' })
      expect(state?.producers.get(9)?.batches).toHaveLength(5)
      expect(state?.leaderEpochs.latest).toBe(0)
      expect(state?.segments.all.length).toBeGreaterThan(1)
      expect(state?.segments.active.maxTimestamp).toBe(1_005)
      expect(disk.operations.length).toBe(operations)
      expect(disk.openPaths.slice(openPaths).filter(path => path.endsWith('.log'))).toEqual([])
    },
  )

  it('may hold nothing at all', async () => {
    const { open } = await stopped(0)
    expect(open()).toMatchObject({ logStartOffset: 0, logEndOffset: 0, hasFolder: true })
  })

  it('loses the names that wait for their removal', async () => {
    const { disk, open, names } = await stopped()
    writeFile(disk, '00000000000000000000.log.deleted', 'x')
    writeFile(disk, 'recovery-mark', 'x')
    expect(open()?.logEndOffset).toBe(6)
    expect((await names()).filter(name => /deleted$|mark$/.test(name))).toEqual([])
  })

  it('loses what an interrupted retention has left beside segments that are gone', async () => {
    const { disk, open, names } = await stopped()
    await disk.remove(`${FOLDER}/00000000000000000000.log`)
    writeFile(disk, '00000000000000000000.txnindex', '')
    const state = open({ logStartOffset: 2 })
    const first = state?.segments.first.baseOffset ?? 0
    expect(first).toBeGreaterThan(0)
    const left = (await names()).filter(name => /^\d/.test(name))
    expect(Math.min(...left.map(name => Number.parseInt(name, 10)))).toBe(first)
  })

  it('begins where records were deleted up to', async () => {
    const { open } = await stopped()
    expect(open({ logStartOffset: 3 })?.logStartOffset).toBe(3)
  })

  it('may be named by the journal, when that holds nothing which the log lacks', async () => {
    const { identity, open } = await stopped()
    const recovered = { ...identity, entries: [], durableOffset: 6 }
    expect(open({ recovered })?.logEndOffset).toBe(6)
    expect(open({ recovered: { ...recovered, durableOffset: 7 } })).toBeUndefined()
    const entry = { type: 'bytes', baseOffset: 5, endOffset: 6 } as never
    expect(open({ recovered: { ...recovered, entries: [entry] } })).toBeUndefined()
  })
})

describe('a log is not whole', () => {
  it('when it does not end at its recovery point', async () => {
    const { open } = await stopped()
    for (const recoveryPoint of [0, 5, 7]) expect(open({ recoveryPoint })).toBeUndefined()
  })

  it('when records were deleted that it does not have', async () => {
    const { open } = await stopped()
    expect(open({ logStartOffset: 7 })).toBeUndefined()
  })

  it.each(['index', 'timeindex', 'snapshot', 'log'])('when its last %s is missing', async kind => {
    const { disk, open, last } = await stopped()
    await disk.remove(`${FOLDER}/${await last(kind)}`)
    expect(open()).toBeUndefined()
  })

  it.each(['partition.metadata', 'leader-epoch-checkpoint'])(
    'when its %s is missing, or says something else',
    async name => {
      const { disk, open } = await stopped()
      writeFile(disk, name, 'version: 0\ntopic_id: BBBBBBBBBBBBBBBBBBBBBw')
      expect(open()).toBeUndefined()
      await disk.remove(`${FOLDER}/${name}`)
      expect(open()).toBeUndefined()
    },
  )

  it.each([
    'damaged',
    '00000000000000000000.log.swap',
    '00000000000000000000.log.cleaned',
    'x.tmp',
  ])('when %s lies beside it', async name => {
    const { disk, open } = await stopped()
    writeFile(disk, name, 'x')
    expect(open()).toBeUndefined()
  })

  it('when an empty segment follows those that are filled', async () => {
    const { disk, open } = await stopped()
    writeFile(disk, '00000000000000000006.log', '')
    expect(open()).toBeUndefined()
  })

  it.each(['index', 'timeindex'])(
    'after a crash, when its last %s is short of what its end holds, whatever a clean stop would mean by it',
    async kind => {
      const { disk, open, last } = await stopped()
      writeFile(disk, await last(kind), '')
      // A short offset index is no lie: what it does not cover is read, and is in the time index.
      expect(open()?.segments.active.maxTimestamp).toBe(kind === 'index' ? 1_005 : undefined)
      expect(open({ lastStop: 'clean' })?.logEndOffset).toBe(6)
    },
  )

  it.each(['clean', 'unclean'] as const)(
    'when an index has outlived batches that a loss of power has taken, after a stop that was %s',
    async lastStop => {
      const time = await stopped()
      const times = await time.last('timeindex')
      const content = (await time.disk.readFile(`${FOLDER}/${times}`)) ?? Buffer.alloc(0)
      writeFile(time.disk, times, Buffer.concat([content, timeEntry(9_000, times, 6)]))
      expect(time.open({ lastStop })).toBeUndefined()
      const aborted = await stopped()
      const name = (await aborted.last('log')).replace('.log', '.txnindex')
      writeFile(aborted.disk, name, abortedEntry({ firstOffset: 6, lastOffset: 7 }))
      expect(aborted.open({ lastStop })).toBeUndefined()
      // Of what is there they may speak.
      writeFile(aborted.disk, name, abortedEntry({ firstOffset: 4, lastOffset: 5 }))
      expect(aborted.open({ lastStop })?.logEndOffset).toBe(6)
    },
  )

  it('when the disk cannot read it', async () => {
    const { disk, open } = await stopped()
    disk.fault = call => (call === 'read' ? 'EIO' : undefined)
    expect(open()).toBeUndefined()
  })

  it('when a byte of its end is not what it was, which only a crash makes it look for', async () => {
    const { disk, open, last } = await stopped()
    const path = `${FOLDER}/${await last('log')}`
    const { sizeBytes } = disk.openNow(path, 'existing')
    const byte = Buffer.alloc(1)
    const file = disk.openNow(path, 'existing')
    file.readNow(sizeBytes - 1, byte)
    file.writeNow(sizeBytes - 1, [Buffer.from([(byte[0] ?? 0) ^ 1])])
    expect(open()).toBeUndefined()
    expect(open({ lastStop: 'clean' })?.logEndOffset).toBe(6)
  })

  it('wherever its last segment is cut, and wherever one of its bytes is added', async () => {
    const { disk, open, last } = await stopped()
    const path = `${FOLDER}/${await last('log')}`
    const content = (await disk.readFile(path)) ?? Buffer.alloc(0)
    for (let size = 0; size < content.length; size++) {
      writeFile(disk, await last('log'), content.subarray(0, size))
      expect(open({ lastStop: 'clean' }), `cut at ${size}`).toBeUndefined()
    }
    writeFile(disk, await last('log'), Buffer.concat([content, Buffer.from([0])]))
    expect(open({ lastStop: 'clean' })).toBeUndefined()
  })
})
