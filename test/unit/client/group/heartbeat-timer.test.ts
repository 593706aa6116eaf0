import { describe, expect, it } from 'vitest'
import { HeartbeatTimer } from '../../../../packages/client/src/group/heartbeat-timer.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { settingsFor, watch } from '../../../support/fake-client.ts'

function beating() {
  const cluster = new FakeCluster()
  const { clock } = cluster.platform
  const beats: number[] = []
  const answers: (() => Promise<void>)[] = []
  const failures: unknown[] = []
  const timer = new HeartbeatTimer({
    client: settingsFor(cluster),
    sessionTimeoutMs: 10_000,
    intervalMs: () => 1000,
    onTick: () => {},
    beat: () => {
      beats.push(clock.monotonic())
      return answers.shift()?.() ?? Promise.resolve()
    },
    onFailure: error => failures.push(error),
  })
  return { clock, beats, answers, failures, timer }
}

describe('HeartbeatTimer', () => {
  it('beats at its interval until it is stopped', async () => {
    const { clock, beats, timer } = beating()
    timer.start()
    await clock.advance(3500)
    timer.stop()
    await clock.advance(5000)
    expect(beats).toEqual([1000, 2000, 3000])
  })

  it('sends one at a time', async () => {
    const { clock, beats, answers, timer } = beating()
    answers.push(() => new Promise(() => {}))
    timer.start()
    await clock.advance(9000)
    timer.beatNow()
    await clock.advance(1)
    expect(beats).toEqual([1000])
  })

  it('says when none is under way, and how long the coordinator was not heard', async () => {
    const { clock, answers, timer } = beating()
    let answer = () => {}
    answers.push(() => new Promise(resolve => (answer = resolve)))
    timer.start()
    await clock.advance(1500)
    const idle = watch(timer.idle)
    await clock.settle()
    expect([idle.state(), timer.silentMs(clock.monotonic())]).toEqual(['pending', 1500])
    answer()
    await clock.settle()
    expect([idle.state(), timer.silentMs(clock.monotonic())]).toEqual(['resolved', 500])
  })

  it('beats now when asked, and once more when one is under way', async () => {
    const { clock, beats, answers, timer } = beating()
    let answer = () => {}
    answers.push(() => new Promise(resolve => (answer = resolve)))
    timer.start()
    timer.beatNow()
    await clock.advance(10)
    timer.beatNow()
    answer()
    await clock.advance(10)
    expect(beats).toEqual([0, 10])
  })

  it('tries again soon after a failure', async () => {
    const { clock, beats, answers, failures, timer } = beating()
    answers.push(() => Promise.reject(new Error('lost')))
    timer.start()
    await clock.advance(1500)
    expect(beats.length).toBe(2)
    expect(failures.length).toBe(1)
  })

  it('knows when the session is over: from when the last answered heartbeat was sent', async () => {
    const { clock, answers, timer } = beating()
    timer.start()
    await clock.advance(1500)
    for (let index = 0; index < 100; index += 1)
      answers.push(() => Promise.reject(new Error('lost')))
    await clock.advance(9400)
    expect(timer.isSessionOver(clock.monotonic())).toBe(false)
    await clock.advance(100)
    expect(timer.isSessionOver(clock.monotonic())).toBe(true)
    timer.end()
    expect(timer.isSessionOver(clock.monotonic())).toBe(false)
  })
})
