import { describe, expect, it } from 'vitest'
import { ConnectionError, ProtocolError } from '../../../packages/client/src/errors.ts'
import { abortable, retrying } from '../../../packages/client/src/retry.ts'
import { FakeCluster } from '../../support/fake-broker.ts'
import { recordingLog, settingsFor, watch } from '../../support/fake-client.ts'

function retryingClient() {
  const cluster = new FakeCluster()
  const { log, lines } = recordingLog()
  return { settings: settingsFor(cluster, { log }), clock: cluster.platform.clock, lines }
}

const options = { about: 'counting', timeoutMs: 2000 }

describe('retrying', () => {
  it('tries again what may succeed later', async () => {
    const { settings, clock } = retryingClient()
    let attempts = 0
    const counted = watch(
      retrying(settings, options, async () => {
        attempts += 1
        if (attempts < 3) throw new ConnectionError('gone')
        return attempts
      }),
    )
    await clock.advance(1000)
    expect(counted.value()).toBe(3)
  })

  it('does not try again what cannot succeed', async () => {
    const { settings, clock } = retryingClient()
    const counted = watch(
      retrying(settings, options, () =>
        Promise.reject(new ProtocolError('INVALID_CONFIG', 'counting')),
      ),
    )
    await clock.settle()
    expect(counted.error()).toMatchObject({ code: 'INVALID_CONFIG' })
  })

  it('gives up when the time is up, and says what was wrong', async () => {
    const { settings, clock, lines } = retryingClient()
    const counted = watch(
      retrying(settings, { ...options, timeoutMs: 30_000 }, () =>
        Promise.reject(new ConnectionError('nobody there')),
      ),
    )
    await clock.advance(30_000)
    expect(counted.error().message).toBe('counting did not succeed within 30000 ms: nobody there')
    expect(counted.error()).toMatchObject({
      code: 'TIMED_OUT',
      cause: { code: 'CONNECTION_FAILED' },
    })
    expect(lines.filter(({ level }) => level === 'warn').length).toBeGreaterThan(0)
  })
})

describe('abortable', () => {
  it('rejects with the reason of the signal, whatever the work does', async () => {
    const abort = new AbortController()
    const work = watch(abortable(new Promise(() => {}), abort.signal))
    abort.abort(new Error('enough'))
    await Promise.resolve()
    expect(work.error().message).toBe('enough')
    expect(await abortable(Promise.resolve(7), undefined)).toBe(7)
    await expect(
      abortable(Promise.reject(new Error('x')), new AbortController().signal),
    ).rejects.toThrow('x')
  })
})
