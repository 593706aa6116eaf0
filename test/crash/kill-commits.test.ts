/** kill -9 in the middle of offset commits, again and again on one data folder: what was answered is committed, and nothing that nobody sent. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { CreateTopics, errorName, OffsetCommit, OffsetFetch } from '@varve/protocol'
import { expect, it } from 'vitest'
import { memoryRandom } from '../../packages/broker/src/memory/random.ts'
import { freePort, startBrokerProcess } from '../support/processes.ts'
import { RawConnection } from '../support/raw-connection.ts'

const COMMIT_VERSION = 8
const FETCH_VERSION = 7
const IN_FLIGHT = 8
const ROUNDS = 4

/** One group without members, committing one offset after another. */
class Committer {
  readonly groupId: string
  sent = 0
  answered = 0

  constructor(groupId: string) {
    this.groupId = groupId
  }

  /** Commits until the connection ends. */
  async run(port: number): Promise<void> {
    const connection = await RawConnection.open({ host: '127.0.0.1', port }).catch(() => undefined)
    if (connection === undefined) return
    const expected: number[] = []
    const send = (): void => {
      this.sent++
      expected.push(this.sent)
      connection.send(OffsetCommit, COMMIT_VERSION, {
        groupId: this.groupId,
        generationIdOrMemberEpoch: -1,
        memberId: '',
        topics: [{ name: 'orders', partitions: [partitionOf(this.sent)] }],
      })
    }
    for (let count = 0; count < IN_FLIGHT; count++) send()
    try {
      for (;;) {
        const { topics } = await connection.next(OffsetCommit, COMMIT_VERSION)
        const offset = expected.shift() ?? -1
        expect(errorName(topics[0]?.partitions[0]?.errorCode ?? -1)).toBe('NONE')
        this.answered = offset
        send()
      }
    } catch (error) {
      // The broker was killed; anything else is a finding.
      if (!connection.isClosed) throw error
    }
  }

  /** What the broker says is committed, once it has read its log. */
  async committed(connection: RawConnection): Promise<number> {
    for (;;) {
      const { errorCode, topics } = await connection.request(OffsetFetch, FETCH_VERSION, {
        groupId: this.groupId,
        topics: [{ name: 'orders', partitionIndexes: [0] }],
        requireStable: false,
      })
      const error = errorName(errorCode)
      if (error === 'COORDINATOR_LOAD_IN_PROGRESS') {
        await delay(5)
        continue
      }
      expect(error).toBe('NONE')
      return topics[0]?.partitions[0]?.committedOffset ?? -1
    }
  }
}

const partitionOf = (offset: number) => ({
  partitionIndex: 0,
  committedOffset: offset,
  committedMetadata: `${offset}`,
})

it('loses no commit that was answered when the broker is killed', async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'varve-commits-'))
  const port = await freePort()
  const random = memoryRandom(31)
  const committers = Array.from({ length: 5 }, (_, index) => new Committer(`group-${index}`))
  for (let round = 0; round <= ROUNDS; round++) {
    const broker = await startBrokerProcess({ dataFolder, port })
    try {
      const connection = await RawConnection.open({ host: '127.0.0.1', port })
      if (round === 0) {
        const topic = { name: 'orders', numPartitions: 1, replicationFactor: 1 }
        await connection.request(CreateTopics, 7, {
          topics: [{ ...topic, assignments: [], configs: [] }],
          timeoutMs: 5000,
          validateOnly: false,
        })
      }
      for (const committer of committers) {
        const committed = await committer.committed(connection)
        expect(committed).toBeGreaterThanOrEqual(committer.answered === 0 ? -1 : committer.answered)
        expect(committed).toBeLessThanOrEqual(committer.sent)
      }
      connection.destroy()
      const running = committers.map(committer => committer.run(port))
      await delay(100 + random.below(400))
      await broker.kill()
      await Promise.all(running)
    } finally {
      await broker.kill()
    }
  }
  for (const { answered } of committers) expect(answered).toBeGreaterThan(ROUNDS * 10)
  rmSync(dataFolder, { recursive: true, force: true })
}, 120_000)
