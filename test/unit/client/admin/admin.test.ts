import { CreateTopics } from '@varve/protocol'
import { describe, expect, it } from 'vitest'
import { Admin } from '../../../../packages/client/src/admin/admin.ts'
import { FakeCluster } from '../../../support/fake-broker.ts'
import { settingsFor, watch } from '../../../support/fake-client.ts'

describe('Admin', () => {
  it('gives up a call when its signal aborts', async () => {
    const cluster = new FakeCluster()
    const admin = new Admin(settingsFor(cluster), {})
    cluster.always(CreateTopics, () => 'silence')
    const abort = new AbortController()
    const created = watch(admin.createTopics([{ name: 'a' }], { signal: abort.signal }))
    await cluster.platform.clock.settle()
    abort.abort(new Error('enough'))
    await cluster.platform.clock.settle()
    expect(created.error().message).toBe('enough')
  })

  it('ends calls that are under way when it is closed', async () => {
    const cluster = new FakeCluster()
    const admin = new Admin(settingsFor(cluster), {})
    cluster.always(CreateTopics, () => 'silence')
    const created = watch(admin.createTopics([{ name: 'a' }]))
    await cluster.platform.clock.settle()
    await admin.close()
    await cluster.platform.clock.settle()
    expect(created.error()).toMatchObject({ code: 'CLOSED' })
    expect(cluster.platform.clock.pendingTimers).toBe(0)
  })
})
