import { crc32c } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { RECOVERY_MARK_FILE } from '../../../../../packages/broker/src/log/recovery-mark.ts'
import { markedPoint } from '../../../../../packages/broker/src/log/verify/marked-point.ts'
import { offlineFolder } from '../../../../../packages/broker/src/log/verify/offline-folder.ts'
import { verifyLog } from '../../../../../packages/broker/src/log/verify/verify-log.ts'
import { DiskImage } from '../../../../support/disk-image.ts'
import { quietWorld } from '../../../../support/journal-world.ts'
import { append, openHarness } from '../../../../support/log-harness.ts'
import { FOLDER, loadOptions } from '../../../../support/log-parts.ts'
import { ModelDisk } from '../../../../support/model-disk.ts'

const SEGMENT = `${FOLDER}/00000000000000000000.log`
const options = {
  settings: { indexIntervalBytes: 100, flushMode: 'relaxed' as const },
  limits: { recoveryMarkBytes: 1_000 },
  unsyncedBytes: 1_000,
}

/** A log of ten batches that a broker has left without a word; none of them but the last few lie behind its mark. */
async function given() {
  const disk = new ModelDisk(new DiskImage())
  const broker = await openHarness(quietWorld(disk), options)
  for (let index = 0; index < 10; index++) {
    append(broker.partition(), { values: ['x'.repeat(300)] })
    await broker.flush()
  }
  const folder = await offlineFolder(disk, FOLDER)
  if (folder === undefined) throw new Error('There is no folder.')
  const known = { directory: FOLDER, kind: 'partition' as const, ...loadOptions() }
  const ask = (more: Partial<Parameters<typeof markedPoint>[0]> = {}) =>
    markedPoint({ ...known, ...more }, folder, { disk, crc32c })
  return { disk, known, ask }
}

describe('what is verified', () => {
  it('counts as synced up to its recovery mark, for the next start will go on from there', async () => {
    const { ask } = await given()
    expect(await ask()).toEqual({ offset: 9, segmentBaseOffset: 0 })
  })

  it('has no mark after a stop in order, nor where marks are not made', async () => {
    const { ask } = await given()
    expect(await ask({ lastStop: 'clean' })).toBeUndefined()
    expect(await ask({ kind: 'metadata' })).toBeUndefined()
  })

  it('has none without its epochs', async () => {
    const { disk, ask } = await given()
    await disk.remove(`${FOLDER}/leader-epoch-checkpoint`)
    expect(await ask()).toBeUndefined()
  })

  it('is damaged before the mark, where it would be torn without', async () => {
    const { disk, known } = await given()
    const file = await disk.open(SEGMENT, 'existing')
    await file.write(60, [Buffer.of(0xff, 0xff)])
    const log = { ...known, folder: 'events-0', cleanedTo: 0 }
    const kinds = async () =>
      (await verifyLog(log, { disk, crc32c })).findings.map(({ kind }) => kind)
    expect(await kinds()).toContain('corruption')
    const again = await openHarness(
      quietWorld(new ModelDisk(disk.imageAfter(disk.operations.length, () => 'kept'))),
      options,
    )
    expect(again.partition().logEndOffset).toBe(10)
    await disk.remove(`${FOLDER}/${RECOVERY_MARK_FILE}`)
    expect(await kinds()).toContain('torn tail')
  })
})
