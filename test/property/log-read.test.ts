import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OffsetIndex } from '../../packages/broker/src/log/offset-index.ts'
import { TimeIndex } from '../../packages/broker/src/log/time-index.ts'
import { DiskImage } from '../support/disk-image.ts'
import { quietWorld } from '../support/journal-world.ts'
import { append, openHarness } from '../support/log-harness.ts'
import { ModelDisk } from '../support/model-disk.ts'
import { readValues } from '../support/read-log.ts'

describe('an index', () => {
  it('finds by halving what a walk finds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 60 }),
        fc.nat(3000),
        (steps, wanted) => {
          const offsets = new OffsetIndex(100)
          const times = new TimeIndex(100)
          const entries: { offset: number; position: number; timestamp: number }[] = []
          let at = 0
          for (const step of steps) {
            at += step
            entries.push({ offset: 100 + at, position: at * 10, timestamp: at * 3 })
            offsets.append(100 + at, at * 10)
            times.maybeAppend(at * 3, 100 + at)
          }
          expect(offsets.floorPosition(wanted)).toBe(
            entries.findLast(({ offset }) => offset <= wanted)?.position ?? 0,
          )
          expect(times.floorOffset(wanted)).toBe(
            entries.findLast(({ timestamp }) => timestamp < wanted)?.offset ?? 100,
          )
        },
      ),
    )
  })
})

describe('reading a log', () => {
  it('gives the same from the tail cache and from the disk, from any offset and with any limit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            sizes: fc.array(fc.nat(300), { minLength: 1, maxLength: 4 }),
            timestamp: fc.integer({ min: 0, max: 900 }),
          }),
          { minLength: 1, maxLength: 30 },
        ),
        fc.integer({ min: 1, max: 3000 }),
        fc.nat(),
        async (batches, maxBytes, place) => {
          const expected: { offset: number; value: string }[] = []
          const byTime: { offset: number; timestamp: number }[] = []
          for (const tailCacheBytes of [0, 5_000, 1_000_000]) {
            expected.length = 0
            byTime.length = 0
            const settings = { segmentBytes: 2000, indexIntervalBytes: 150 }
            const broker = await openHarness(quietWorld(new ModelDisk(new DiskImage())), {
              settings,
              limits: { tailCacheBytes },
              journal: 'none',
            })
            const partition = broker.partition()
            for (const [index, { sizes, timestamp }] of batches.entries()) {
              const values = sizes.map(size => `${index}:${'v'.repeat(size)}`)
              for (const value of values) {
                byTime.push({ offset: expected.length, timestamp })
                expected.push({ offset: expected.length, value })
              }
              append(partition, { values, timestamp })
              if (index % 3 === 0) await broker.flush()
            }
            await broker.flush()
            const from = place % expected.length
            expect(await readValues(partition, { from, maxBytes })).toEqual(expected.slice(from))
            const wanted = place % 1000
            const found = await partition.offsetForTimestamp(wanted)
            expect(found).toEqual(withEpoch(byTime.find(({ timestamp }) => timestamp >= wanted)))
            const newest = Math.max(...byTime.map(({ timestamp }) => timestamp))
            expect(await partition.offsetOfMaxTimestamp()).toEqual(
              withEpoch(byTime.find(({ timestamp }) => timestamp === newest)),
            )
            expect(partition.bytesAvailable(from, 'high watermark')).toBeGreaterThan(0)
            expect(partition.bytesAvailable(expected.length, 'high watermark')).toBe(0)
          }
        },
      ),
      { numRuns: 40 },
    )
  }, 60_000)
})

const withEpoch = (record: { offset: number; timestamp: number } | undefined) =>
  record && { ...record, leaderEpoch: 0 }
