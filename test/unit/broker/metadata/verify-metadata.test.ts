import { expect, it } from 'vitest'
import { emptyImage } from '../../../../packages/broker/src/metadata/image.ts'
import { metadataSnapshotName } from '../../../../packages/broker/src/metadata/metadata-log.ts'
import { snapshotBytes } from '../../../../packages/broker/src/metadata/snapshot.ts'
import { metadataFindings } from '../../../../packages/broker/src/metadata/verify-metadata.ts'
import { diskWithFolder, FOLDER, writeFile } from '../../../support/log-parts.ts'

const NAME = metadataSnapshotName(7, 1)
const SNAPSHOT = snapshotBytes(
  { ...emptyImage('cluster'), features: new Map([['metadata.version', 27]]), revision: 7 },
  { leaderEpoch: 1, timestamp: 1_000 },
)

async function findings(
  files: Readonly<Record<string, Buffer | string>>,
  { startOffset = 7, endOffset = 9 } = {},
) {
  const disk = await diskWithFolder()
  for (const [name, content] of Object.entries(files)) writeFile(disk, name, content)
  const log = { directory: FOLDER, folder: 'metadata', startOffset, endOffset }
  return (await metadataFindings(log, disk)).map(
    ({ kind, file, about }) => `${kind}, ${file}: ${about}`,
  )
}

it('finds nothing wrong in a log with its snapshot, or in one from the beginning', async () => {
  expect(await findings({ [NAME]: SNAPSHOT })).toEqual([])
  expect(await findings({}, { startOffset: 0 })).toEqual([])
})

it('finds a snapshot that a start refuses: cut, changed at any byte that a checksum covers, or no snapshot', async () => {
  expect(await findings({ [NAME]: SNAPSHOT.subarray(0, SNAPSHOT.length - 90) })).toHaveLength(1)
  for (let at = 21; at < 60; at++) {
    const changed = Buffer.from(SNAPSHOT)
    changed[at] = (changed[at] ?? 0) ^ 1
    expect(await findings({ [NAME]: changed })).toEqual([
      `damaged file, metadata/${NAME}: The record batch at position 0 is bad.`,
    ])
  }
  expect((await findings({ [NAME]: '' }))[0]).toContain('does not begin with the header')
})

it('says when the end of a snapshot is missing between whole batches', async () => {
  const footerBytes = SNAPSHOT.length - SNAPSHOT.lastIndexOf(Buffer.of(0, 0, 0, 0, 0, 0, 0, 2))
  const [found] = await findings({ [NAME]: SNAPSHOT.subarray(0, SNAPSHOT.length - footerBytes) })
  expect(found).toContain('Its end is missing')
})

it('looks at the newest snapshot only', async () => {
  expect(await findings({ [metadataSnapshotName(3, 1)]: 'old', [NAME]: SNAPSHOT })).toEqual([])
})

it('finds records that are missing between the snapshot and the log, on either side', async () => {
  expect(await findings({}, { startOffset: 3 })).toEqual([
    'lost records, metadata: The log begins at offset 3, and of what came before there is no snapshot.',
  ])
  expect((await findings({ [NAME]: SNAPSHOT }, { startOffset: 8 }))[0]).toContain('ends at 7')
  expect(await findings({ [NAME]: SNAPSHOT }, { startOffset: 0, endOffset: 6 })).toEqual([
    'lost records, metadata: The log ends at offset 6, and there is a snapshot of what ends at 7.',
  ])
})

it('finds a file about elections that makes no sense', async () => {
  const whole = { [NAME]: SNAPSHOT }
  expect(await findings({ ...whole, 'quorum-state': '{"leaderId":1}' })).toEqual([])
  for (const content of ['', '{"leaderId"', '1'])
    expect(await findings({ ...whole, 'quorum-state': content })).toEqual([
      'damaged file, metadata/quorum-state: It does not say who was elected.',
    ])
})
