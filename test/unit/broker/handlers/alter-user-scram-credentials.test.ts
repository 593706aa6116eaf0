import { scramKeys } from '@varve/protocol'
import { expect, it } from 'vitest'
import { alterUserScramCredentials } from '../../../../packages/broker/src/handlers/alter-user-scram-credentials.ts'
import { adminBroker } from '../../../support/admin-broker.ts'

const upsertion = (name: string, iterations: number) => ({
  ...{ name, mechanism: 1, iterations },
  salt: Buffer.from('salt'),
  saltedPassword: Buffer.from('password'),
})

it('keeps what the request said, whatever becomes of its bytes', async () => {
  const { ask, store } = await adminBroker()
  const wanted = upsertion('alice', 4096)
  const asked = ask(alterUserScramCredentials, 0, {
    deletions: [],
    upsertions: [wanted, upsertion('bob', 1)],
  })
  wanted.salt.fill(0)
  wanted.saltedPassword.fill(0)
  const { results } = await asked
  expect(results.map(({ user, errorCode }) => [user, errorCode])).toEqual([
    ['alice', 0],
    ['bob', 93],
  ])
  const { salt, storedKey } = store.image.scramCredentials.get('alice')?.get(1) ?? {}
  expect(Buffer.from(salt ?? []).toString()).toBe('salt')
  expect(storedKey).toEqual(
    Uint8Array.from(scramKeys('SCRAM-SHA-256', Buffer.from('password')).storedKey),
  )
})

it('says that the disk would not have it', async () => {
  const { ask, fillDisk } = await adminBroker()
  fillDisk()
  const upsertions = [upsertion('alice', 4096)]
  const { results } = await ask(alterUserScramCredentials, 0, { deletions: [], upsertions })
  expect(results).toMatchObject([{ user: 'alice', errorCode: 56 }])
})
