import { expect, it } from 'vitest'
import { SCRAM_MECHANISMS, scramKeys } from '../../../../packages/protocol/src/node/scram-keys.ts'

it('has the keys of the example in RFC 7677', () => {
  const salted = 'c4a49510323ab4f952cac1fa99441939e78ea74d6be81ddf7096e87513dc615d'
  const { storedKey, serverKey } = scramKeys('SCRAM-SHA-256', Buffer.from(salted, 'hex'))
  expect([storedKey.toString('hex'), serverKey.toString('hex')]).toEqual([
    '586e5df283e6dceb5c3e791d8b8528ec191e664045ce971792e2e6b5bb13e2a6',
    'c1f3cbc1c13a9d35a14c0990eed97629ea225863e566a4314ab99f3f00e5d9d5',
  ])
})

it('has longer keys for SHA-512', () => {
  expect([...SCRAM_MECHANISMS.keys()]).toEqual([1, 2])
  const lengths = [...SCRAM_MECHANISMS.values()].map(
    mechanism => scramKeys(mechanism, Buffer.from('salted')).storedKey.length,
  )
  expect(lengths).toEqual([32, 64])
})
