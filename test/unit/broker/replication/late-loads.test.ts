import { describe, expect, it } from 'vitest'
import { openLogDirectory } from '../../../../packages/broker/src/log/log-directory.ts'
import { writePartitionMetadata } from '../../../../packages/broker/src/log/partition-metadata.ts'
import type { Assignment } from '../../../../packages/broker/src/replication/assignment.ts'
import { Checkpoints } from '../../../../packages/broker/src/replication/checkpoints.ts'
import { LateLoads } from '../../../../packages/broker/src/replication/late-loads.ts'
import { quietWorld } from '../../../support/journal-world.ts'
import { DATA, plainSettings, TOPIC_ID } from '../../../support/log-harness.ts'
import {
  diskWithFolder,
  FOLDER,
  identity,
  loadToolsOf,
  namesIn,
  writeFile,
} from '../../../support/log-parts.ts'

const OLD = 'BBBBBBBBBBBBBBBBBBBBBw'
const assignment: Assignment = {
  ...{ identity, topic: {} as never, settings: plainSettings, leaderEpoch: 0 },
}

/** A broker that serves, with a folder of the partition, and a checkpoint for it. */
async function given(removedTopicIds: readonly string[] = []) {
  const disk = await diskWithFolder()
  const world = quietWorld(disk)
  const logDirectory = await openLogDirectory({
    ...{ world, path: DATA, nodeId: 1, clusterId: 'cluster', foreignLogs: 'adopt' },
  })
  const points = `${DATA}/recovery-point-offset-checkpoint`
  await disk.writeFileAtomically(points, Buffer.from('0\n1\nevents 0 7\n'))
  const checkpoints = await Checkpoints.open(logDirectory, world)
  const removed: string[] = []
  const loads = new LateLoads({
    folders: { world, logDirectory, removedTopicIds: new Set(removedTopicIds) },
    tools: loadToolsOf(world),
    known: { checkpoints, lastStop: 'clean', recovered: undefined },
    checkpointed: () => [],
    housekeeping: { removeLater: path => void removed.push(path) },
  })
  return { disk, world, loads, removed, points }
}

describe('loading a log while the broker serves', () => {
  it('makes a new one that has nothing to do with what had its name', async () => {
    const { disk, loads, points } = await given()
    expect(await loads.makeNew(assignment)).toMatchObject({ logEndOffset: 0, hasFolder: true })
    expect(String(await disk.readFile(points))).toBe('0\n0\n')
  })

  it('says what is wrong when the checkpoints cannot be written first', async () => {
    const { disk, world, loads } = await given()
    disk.fault = call => (call === 'write' ? 'EIO' : undefined)
    expect(await loads.makeNew(assignment)).toMatchObject({ code: 'EIO' })
    expect([await namesIn(disk), world.errors]).toEqual([[], []])
  })

  it('opens no log at once for which something has to be done', async () => {
    const { disk, loads } = await given([OLD])
    await writePartitionMetadata(disk, FOLDER, OLD)
    expect(loads.openNow(assignment)).toBeUndefined()
  })

  it('finishes the deletion of what has the folder, and makes a new one', async () => {
    const { disk, loads, removed } = await given([OLD])
    await writePartitionMetadata(disk, FOLDER, OLD)
    expect(await loads.recover(assignment)).toMatchObject({ logEndOffset: 0 })
    expect(removed).toEqual([expect.stringMatching(/^\/data\/events-0\.[0-9a-f]{32}-delete$/)])
    expect(String(await disk.readFile(`${FOLDER}/partition.metadata`))).toContain(TOPIC_ID)
  })

  it.each([
    ['EIO', 1],
    ['EMFILE', 0],
  ])('tells of %s unless it passes', async (code, times) => {
    const { disk, world, loads } = await given([OLD])
    writeFile(disk, 'partition.metadata', `version: 0\ntopic_id: ${TOPIC_ID}`)
    disk.fault = call => (call === 'read' ? code : undefined)
    expect(await loads.recover(assignment)).toMatchObject({ code })
    expect(world.errors.length).toBe(times)
  })
})
