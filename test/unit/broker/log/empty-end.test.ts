import { crc32c, nodeCodecs } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { loadLog } from '../../../../packages/broker/src/log/load-log.ts'
import { ProducerQuota } from '../../../../packages/broker/src/log/producer-quota.ts'
import { ReadBuffers } from '../../../../packages/broker/src/log/read-buffers.ts'
import { TailCache } from '../../../../packages/broker/src/log/tail-cache.ts'
import type { DiskError } from '../../../../packages/broker/src/world.ts'
import { putOnDisk } from '../../../support/folder-image.ts'
import { kafkaFolder } from '../../../support/kafka-folder.ts'
import { plainLimits } from '../../../support/log-harness.ts'
import { DATA_FOLDER, metadataWorld, newMemoryDisk } from '../../../support/metadata-world.ts'

const EMPTY = 'users-0/00000000000000000012.log'

/** Kafka's compacted log `users`, which ends at 9, with an empty segment at 12 behind it. */
async function loaded(recoveryPoint: number, lastStop: 'clean' | 'unclean', compactedTo = 12) {
  const files = [...kafkaFolder('stopped')].filter(([name]) => name.startsWith('users-0'))
  const disk = await newMemoryDisk()
  await putOnDisk(disk, DATA_FOLDER, new Map([...files, [EMPTY, Buffer.alloc(0)]]))
  const metadata = String(await disk.readFile(`${DATA_FOLDER}/users-0/partition.metadata`))
  const topicId = /topic_id: (\S+)/.exec(metadata)?.[1] ?? ''
  const identity = { topic: 'users', topicId, partition: 0, directory: `${DATA_FOLDER}/users-0` }
  const loading = loadLog(
    identity,
    {
      ...{ lastStop, recoveryPoint, recovered: undefined, logStartOffset: 0, compactedTo },
      missingFolder: 'leave',
    },
    {
      world: metadataWorld(disk),
      codecs: nodeCodecs(),
      crc32c,
      limits: plainLimits,
      tailCache: new TailCache(0),
      readBuffers: new ReadBuffers(),
      producerQuota: new ProducerQuota({ idsMax: 10, expirationMs: 1000, sweepIntervalMs: 1000 }),
    },
  )
  const end = await loading.then(
    ({ logEndOffset }) => logEndOffset,
    (error: DiskError) => error.code,
  )
  const isThere = (await disk.readFile(`${DATA_FOLDER}/${EMPTY}`)) !== undefined
  return [end, isThere]
}

describe('an empty segment at the end of a log', () => {
  it('says where the log ends when the recovery point says so, too', async () => {
    expect(await loaded(12, 'clean')).toEqual([12, true])
    expect(await loaded(12, 'unclean')).toEqual([12, true])
  })

  it('is not believed where nothing was ever compacted: the records before it are lost (L5)', async () => {
    expect(await loaded(12, 'clean', 0)).toEqual(['EBADMSG', true])
    expect(await loaded(12, 'unclean', 0)).toEqual(['EBADMSG', true])
  })

  it('says nothing otherwise, and goes', async () => {
    expect(await loaded(9, 'clean')).toEqual([9, false])
    expect(await loaded(0, 'unclean')).toEqual([9, false])
  })
})
