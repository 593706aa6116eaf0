import { expect, it } from 'vitest'
import { finishSwaps } from '../../../../../packages/broker/src/log/compaction/finish-swaps.ts'
import {
  carryOutSwap,
  decideSwap,
  dropCleaned,
  prepareSwap,
} from '../../../../../packages/broker/src/log/compaction/swap-segments.ts'
import { Segment } from '../../../../../packages/broker/src/log/segment.ts'
import { segmentFileName } from '../../../../../packages/broker/src/log/segment-files.ts'
import {
  afterPowerLoss,
  diskWithFolder,
  FOLDER,
  namesIn,
  singles,
} from '../../../../support/log-parts.ts'
import type { ModelDisk } from '../../../../support/model-disk.ts'

const name = segmentFileName
const KINDS = ['log', 'index', 'timeindex', 'snapshot'] as const

async function writeSynced(disk: ModelDisk, file: string, content: Uint8Array | string) {
  const opened = await disk.open(`${FOLDER}/${file}`, 'truncate')
  await opened.append([Buffer.from(content)])
  await opened.sync()
  await opened.close()
}

/** Two segments, at 0 and 2, and what a cleaning has made of them, all durable. */
async function given() {
  const disk = await diskWithFolder()
  const segmentAt = (baseOffset: number) =>
    new Segment(disk, FOLDER, { baseOffset, sizeBytes: 0, createdMs: 500, isNew: 'no' })
  for (const base of [0, 2])
    for (const kind of KINDS) await writeSynced(disk, name(base, kind), 'old')
  await writeSynced(disk, name(2, 'txnindex'), 'old')
  await writeSynced(disk, `${name(0, 'log')}.cleaned`, singles(3, ['last'])[0] as Buffer)
  for (const kind of ['index', 'timeindex'] as const)
    await writeSynced(disk, `${name(0, kind)}.cleaned`, 'new')
  await disk.syncDirectory(FOLDER)
  await disk.syncDirectory('/data')
  return { disk, cleaned: segmentAt(0), old: [segmentAt(0), segmentAt(2)] }
}

/** What a start makes of the folder when the power goes now: whether the new segment counts, and the names. */
async function afterStart(disk: ModelDisk) {
  const later = afterPowerLoss(disk)
  await finishSwaps(later, FOLDER, (await later.list(FOLDER)) ?? [])
  const index = `${await later.readFile(`${FOLDER}/${name(0, 'index')}`)}`
  return { index, names: await namesIn(later) }
}

const bothOld = [0, 2]
  .flatMap(base => KINDS.map(kind => name(base, kind)))
  .concat(name(2, 'txnindex'))
  .sort()

it('lets the old segments count until it is decided, and the new one from then on (C6)', async () => {
  const { disk, cleaned, old } = await given()
  expect(await afterStart(disk)).toMatchObject({ index: 'old', names: bothOld })
  await prepareSwap(disk, FOLDER, cleaned)
  expect(await afterStart(disk)).toMatchObject({ index: 'old', names: bothOld })
  await decideSwap(disk, FOLDER, cleaned)
  expect(await afterStart(disk)).toMatchObject({ index: 'new' })
  await carryOutSwap(disk, FOLDER, { old, cleaned })
  expect(await afterStart(disk)).toMatchObject({ index: 'new' })
})

it('sets the old files aside for those who read them, but for the snapshot where a segment begins', async () => {
  const { disk, cleaned, old } = await given()
  await prepareSwap(disk, FOLDER, cleaned)
  await decideSwap(disk, FOLDER, cleaned)
  const doomed = await carryOutSwap(disk, FOLDER, { old, cleaned })
  const [first, second] = [
    [name(0, 'log'), name(0, 'index'), name(0, 'timeindex')],
    [
      name(2, 'log'),
      name(2, 'index'),
      name(2, 'timeindex'),
      name(2, 'txnindex'),
      name(2, 'snapshot'),
    ],
  ]
  const deleted = [...first, ...second].map(file => `${file}.deleted`)
  expect(doomed).toEqual(deleted.map(file => `${FOLDER}/${file}`))
  const kept = KINDS.map(kind => name(0, kind))
  expect(await namesIn(disk)).toEqual([...kept, ...deleted].sort())
  expect(`${await disk.readFile(`${FOLDER}/${name(0, 'snapshot')}`)}`).toBe('old')
})

it('drops what was written when the names could not be prepared, and nothing else', async () => {
  const { disk, cleaned } = await given()
  await prepareSwap(disk, FOLDER, cleaned)
  await dropCleaned(disk, cleaned)
  expect(await namesIn(disk)).toEqual(bothOld)
  await dropCleaned(disk, cleaned)
  expect(await namesIn(disk)).toEqual(bothOld)
})

it('never drops a segment that was decided for', async () => {
  const { disk, cleaned } = await given()
  await prepareSwap(disk, FOLDER, cleaned)
  await decideSwap(disk, FOLDER, cleaned)
  await dropCleaned(disk, cleaned)
  expect(await namesIn(disk)).toContain(`${name(0, 'log')}.swap`)
})
