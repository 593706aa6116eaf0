import { ApiVersions, encodeResponse, Metadata } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { Connection } from '../../../../packages/client/src/network/connection.ts'
import { clientSettings } from '../../../../packages/client/src/settings.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { recordingLog, settingsFor, watch } from '../../../support/fake-client.ts'
import { type FakePipe, FakePlatform } from '../../../support/fake-platform.ts'

const request = { topics: [], allowAutoTopicCreation: false }

async function connected(cluster = new FakeCluster()) {
  const opening = watch(Connection.open(settingsFor(cluster), { host: 'broker-1', port: 9092 }))
  await cluster.platform.clock.settle()
  return { cluster, clock: cluster.platform.clock, connection: opening.value() }
}

describe('Connection', () => {
  it('uses the newest version that both sides speak', async () => {
    const cluster = new FakeCluster()
    cluster.versions.set(Metadata.key, [0, 5])
    const { connection, clock } = await connected(cluster)
    const answer = watch(connection.request(Metadata, request))
    await clock.settle()
    expect(answer.value().clusterId).toBe('fake')
    expect(cluster.requests.at(-1)).toMatchObject({ api: 'Metadata', version: 5 })
  })

  it('falls back to the version of ApiVersions that the broker names', async () => {
    const cluster = new FakeCluster()
    cluster.versions.set(ApiVersions.key, [0, 2])
    await connected(cluster)
    expect(cluster.requests.map(({ version }) => version)).toEqual([4, 2])
  })

  it('knows which features the cluster has finalised, and in which version', async () => {
    const cluster = new FakeCluster()
    cluster.features.set('transaction.version', 2)
    const { connection } = await connected(cluster)
    expect(connection.featureLevel('transaction.version')).toBe(2)
    expect(connection.featureLevel('group.version')).toBe(0)
  })

  it('says so when there is no version in common', async () => {
    const cluster = new FakeCluster()
    cluster.versions.set(Metadata.key, undefined)
    const { connection } = await connected(cluster)
    await expect(connection.request(Metadata, request)).rejects.toMatchObject({
      code: 'UNSUPPORTED_VERSION',
    })
  })

  it('pipelines requests and matches answers in order', async () => {
    const { cluster, connection, clock } = await connected()
    const answers = [1, 2, 3].map(() => watch(connection.request(Metadata, request)))
    expect(connection.inFlight).toBe(3)
    await clock.settle()
    expect(answers.map(({ state }) => state())).toEqual(['resolved', 'resolved', 'resolved'])
    expect(cluster.requests.filter(({ api }) => api === 'Metadata')).toHaveLength(3)
  })

  it('ends when a request takes too long, and fails what is under way', async () => {
    const { cluster, connection, clock } = await connected()
    cluster.next(Metadata, () => 'silence')
    const slow = watch(connection.request(Metadata, request, { timeoutMs: 1000 }))
    const behind = watch(connection.request(Metadata, request))
    await clock.advance(999)
    expect(slow.state()).toBe('pending')
    await clock.advance(2)
    expect(slow.error()).toMatchObject({ code: 'TIMED_OUT' })
    expect(slow.error().message).toContain('Metadata')
    expect(behind.state()).toBe('rejected')
    expect(connection.isOpen).toBe(false)
  })

  it('holds requests back for as long as the broker asks', async () => {
    const { cluster, connection, clock } = await connected()
    cluster.next(Metadata, () => ({ throttleTimeMs: 500, brokers: [], topics: [] }))
    const first = watch(connection.request(Metadata, request))
    await clock.settle()
    expect(first.state()).toBe('resolved')
    const second = watch(connection.request(Metadata, request))
    await clock.advance(499)
    expect(second.state()).toBe('pending')
    await clock.advance(2)
    expect(second.state()).toBe('resolved')
  })

  it('fails what is under way when the broker goes', async () => {
    const { cluster, connection, clock } = await connected()
    cluster.next(Metadata, () => 'close')
    const answer = watch(connection.request(Metadata, request))
    await clock.settle()
    expect(answer.error()).toMatchObject({ code: 'CONNECTION_FAILED' })
    expect(clock.pendingTimers).toBe(0)
  })

  it('rejects when nobody answers the connection in time', async () => {
    const platform = new FakePlatform(() => ({ onBytes: () => {}, onClose: () => {} }))
    const { log } = recordingLog()
    const settings = clientSettings(
      { brokers: ['a:1'], connectionTimeoutMs: 700 },
      { platform, log },
    )
    const opening = watch(Connection.open(settings, { host: 'a', port: 1 }))
    await platform.clock.advance(701)
    expect(opening.error()).toMatchObject({ code: 'TIMED_OUT' })
  })

  describe('with a hostile broker', () => {
    /** Answers ApiVersions properly and whatever comes next with `bytes`. */
    async function against(bytes: (correlationId: number) => Uint8Array) {
      let answered = 0
      const platform = new FakePlatform((_to, pipe: FakePipe) => ({
        onBytes: chunk => {
          const correlationId = chunk.readInt32BE(8)
          const versions = { errorCode: 0, apiKeys: [{ apiKey: 3, minVersion: 0, maxVersion: 13 }] }
          answered += 1
          if (answered === 1)
            pipe.send(Buffer.concat(encodeResponse(ApiVersions, 4, correlationId, versions)))
          else pipe.send(bytes(correlationId))
        },
        onClose: () => {},
      }))
      const { log } = recordingLog()
      const settings = clientSettings(
        { brokers: ['a:1'], maxResponseBytes: 10_000 },
        { platform, log },
      )
      const opening = watch(Connection.open(settings, { host: 'a', port: 1 }))
      await platform.clock.settle()
      const connection = opening.value()
      const answer = watch(connection.request(Metadata, request))
      await platform.clock.settle()
      return { connection, answer }
    }

    const int32s = (...values: number[]) => {
      const bytes = Buffer.alloc(values.length * 4)
      for (const [index, value] of values.entries()) bytes.writeInt32BE(value, index * 4)
      return bytes
    }

    it.each([
      ['a size beyond the limit', () => int32s(20_000)],
      ['a negative size', () => int32s(-1)],
      ['an empty frame', () => int32s(0)],
      ['another correlation id', (id: number) => int32s(8, id + 1, 0)],
      ['a body that is cut off', (id: number) => int32s(8, id, 0)],
      [
        'a body of garbage',
        (id: number) => Buffer.concat([int32s(64, id), Buffer.alloc(60, 0xff)]),
      ],
    ])('ends the connection on %s', async (_what, bytes) => {
      const { connection, answer } = await against(bytes)
      expect(answer.error()).toMatchObject({ code: 'CONNECTION_FAILED' })
      expect(connection.isOpen).toBe(false)
    })
  })
})
