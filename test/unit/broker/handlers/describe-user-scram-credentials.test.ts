import { expect, it } from 'vitest'
import { describeUserScramCredentials } from '../../../../packages/broker/src/handlers/describe-user-scram-credentials.ts'
import { adminBroker } from '../../../support/admin-broker.ts'

it('tells mechanisms and iterations', async () => {
  const { ask, store } = await adminBroker()
  const keys = { salt: Uint8Array.of(1), storedKey: Uint8Array.of(2), serverKey: Uint8Array.of(3) }
  const name = 'alice'
  await store.propose(
    [{ type: 'UserScramCredentialRecord', name, mechanism: 2, iterations: 5000, ...keys }],
    store.image,
  )
  const { results } = await ask(describeUserScramCredentials, 0, { users: null })
  const credentialInfos = [{ mechanism: 2, iterations: 5000 }]
  expect(results).toEqual([{ user: name, errorCode: 0, errorMessage: null, credentialInfos }])
})
