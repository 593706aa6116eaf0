import { describe, expect, it } from 'vitest'
import type { LogState } from '../../../../packages/broker/src/log/log-state.ts'
import { recoverForeignLogs } from '../../../../packages/broker/src/replication/recover-foreign-logs.ts'
import { DiskError } from '../../../../packages/broker/src/world.ts'
import { foreignTools, inspected } from '../../../support/adoption.ts'
import { putOnDisk } from '../../../support/folder-image.ts'
import { kafkaFolder } from '../../../support/kafka-folder.ts'
import { DATA_FOLDER, metadataWorld, newMemoryDisk } from '../../../support/metadata-world.ts'

const RECOVERY_POINTS = 'recovery-point-offset-checkpoint'
const segment = (folder: string, offset: number): string =>
  `${folder}/${String(offset).padStart(20, '0')}.log`

/** Recovers one log of Kafka's after a kill, with its files changed before. */
async function recovered(
  topic: string,
  change: (files: Map<string, Buffer>) => void = () => undefined,
) {
  const files = kafkaFolder('killed')
  const folder = `${topic}-0`
  change(files)
  const disk = await newMemoryDisk()
  await putOnDisk(disk, DATA_FOLDER, files)
  const world = metadataWorld(disk)
  const { logDirectory } = await inspected(world, 'adopt')
  const metadata = String(files.get(`${folder}/partition.metadata`))
  const topicId = /topic_id: (\S+)/.exec(metadata)?.[1] ?? ''
  const identity = { topic, topicId, partition: 0, directory: `${DATA_FOLDER}/${folder}` }
  const states = await recoverForeignLogs(foreignTools(world, logDirectory), [identity], [])
  const state = states.get(identity)
  const point = new RegExp(`^${topic} 0 (\\d+)$`, 'm').exec(
    String(await disk.readFile(`${DATA_FOLDER}/${RECOVERY_POINTS}`)),
  )
  const names = ((await disk.list(identity.directory)) ?? []).map(({ name }) => name)
  return { state, recoveryPoint: Number(point?.[1] ?? 0), names }
}

const end = (state: LogState | DiskError | undefined): number | undefined =>
  state instanceof DiskError ? undefined : state?.logEndOffset

const flip = (bytes: Buffer | undefined, position: number): void => {
  if (bytes !== undefined) bytes[position] = (bytes[position] ?? 0) ^ 1
}

describe('a log that Kafka was killed over', () => {
  it('is read to its end and synced, and that is its recovery point', async () => {
    const { state, recoveryPoint } = await recovered('orders')
    expect([end(state), recoveryPoint]).toEqual([5, 5])
  })

  it('keeps the gaps that compaction made, also above the recovery point', async () => {
    const { state } = await recovered('users', files => files.delete(RECOVERY_POINTS))
    expect(end(state)).toBe(9)
  })

  it('loses a torn end', async () => {
    const { state, recoveryPoint } = await recovered('orders', files => {
      const last = segment('orders-0', 4)
      files.set(last, files.get(last)?.subarray(0, 40) ?? Buffer.alloc(0))
      files.set(RECOVERY_POINTS, Buffer.from('0\n1\norders 0 3\n'))
    })
    expect([end(state), recoveryPoint]).toEqual([4, 4])
  })

  it('ends where a batch above the recovery point is bad: what comes behind it is no gap', async () => {
    const { state, names } = await recovered('orders', files => {
      flip(files.get(segment('orders-0', 3)), 70)
      files.set(RECOVERY_POINTS, Buffer.from('0\n1\norders 0 2\n'))
    })
    expect(end(state)).toBe(3)
    expect(names).toContain('00000000000000000004.log.0.torn')
  })

  it('is corrupt when a batch is bad that nothing says was not synced (L5), and keeps its bytes', async () => {
    const { state, recoveryPoint, names } = await recovered('orders', files => {
      flip(files.get(segment('orders-0', 3)), 70)
      files.delete(RECOVERY_POINTS)
    })
    expect(state).toMatchObject({ code: 'EBADMSG' })
    expect(recoveryPoint).toBe(0)
    expect(names.filter(name => name.endsWith('.torn'))).toEqual([])
    expect(names).toContain('damaged')
  })
})
