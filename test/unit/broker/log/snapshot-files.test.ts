import { crc32c } from '@varve/protocol'
import { expect, it } from 'vitest'
import { encodeProducerSnapshot } from '../../../../packages/broker/src/log/producer-snapshot.ts'
import { writeSnapshotFiles } from '../../../../packages/broker/src/log/snapshot-files.ts'
import { afterPowerLoss, diskWithFolder, FOLDER, namesIn } from '../../../support/log-parts.ts'

const producer = {
  ...{ producerId: 7, producerEpoch: 0, batches: [], sequencesKnown: 0, lastTimestamp: 0 },
  ...{ coordinatorEpoch: 3, transactionFirstOffset: -1, sweep: 0 },
}

it('outlives a loss of power, with its companion', async () => {
  const disk = await diskWithFolder()
  const content = encodeProducerSnapshot([producer], crc32c)
  await writeSnapshotFiles(disk, FOLDER, { offset: 12, content })
  const after = afterPowerLoss(disk)
  const name = `${FOLDER}/00000000000000000012`
  expect(await after.readFile(`${name}.snapshot`)).toEqual(content.snapshot)
  expect(await after.readFile(`${name}.sequences`)).toEqual(content.sequences)
})

it('has no companion when there are no producers', async () => {
  const disk = await diskWithFolder()
  await writeSnapshotFiles(disk, FOLDER, {
    offset: 12,
    content: encodeProducerSnapshot([], crc32c),
  })
  expect(await namesIn(disk)).toEqual(['00000000000000000012.snapshot'])
})
