import { describe, expect, it } from 'vitest'
import {
  alterScramCredentials,
  SCRAM_ITERATIONS_MAX,
  SCRAM_ITERATIONS_MIN,
} from '../../../../packages/broker/src/metadata/alter-scram-credentials.ts'
import { applyAll } from '../../../../packages/broker/src/metadata/apply.ts'
import { imageWith } from '../../../support/metadata-image.ts'

const upsertion = (name: string, iterations: number) => ({
  ...{ name, iterations, mechanism: 1 },
  salt: Buffer.from('salt'),
  saltedPassword: Buffer.from('salted password'),
})

const errorsOf = (...of: Parameters<typeof alterScramCredentials>) =>
  [...alterScramCredentials(...of).outcome].map(([name, { error }]) => [name, error])

describe('credentials', () => {
  it('are kept without the password, and removed', () => {
    const { changes } = alterScramCredentials(imageWith(), [], [upsertion('alice', 4096)])
    const image = applyAll(imageWith(), changes)
    const credential = image.scramCredentials.get('alice')?.get(1)
    expect(credential).toMatchObject({
      iterations: 4096,
      salt: new Uint8Array(Buffer.from('salt')),
    })
    expect([credential?.storedKey.length, credential?.serverKey.length]).toEqual([32, 32])
    const removal = alterScramCredentials(image, [{ name: 'alice', mechanism: 1 }], [])
    expect(applyAll(image, removal.changes).scramCredentials.size).toBe(0)
  })

  it('want neither few iterations nor many', () => {
    const of = (iterations: number) => errorsOf(imageWith(), [], [upsertion('a', iterations)])
    expect(of(SCRAM_ITERATIONS_MIN)).toEqual([['a', 'NONE']])
    expect(of(SCRAM_ITERATIONS_MAX)).toEqual([['a', 'NONE']])
    expect(of(SCRAM_ITERATIONS_MIN - 1)).toEqual([['a', 'UNACCEPTABLE_CREDENTIAL']])
    expect(of(SCRAM_ITERATIONS_MAX + 1)).toEqual([['a', 'UNACCEPTABLE_CREDENTIAL']])
  })

  it('of a user that is named twice stay, and those of others change', () => {
    const alice = upsertion('alice', 4096)
    const { outcome, changes } = alterScramCredentials(
      imageWith(),
      [{ name: 'alice', mechanism: 2 }],
      [alice, upsertion('bob', 4096), { ...alice, mechanism: 2 }],
    )
    expect([...outcome].map(([name, { error }]) => [name, error])).toEqual([
      ['alice', 'DUPLICATE_RESOURCE'],
      ['bob', 'NONE'],
    ])
    expect(changes).toMatchObject([{ type: 'UserScramCredentialRecord', name: 'bob' }])
  })

  it('that make no sense are refused', () => {
    const image = imageWith()
    expect(errorsOf(image, [{ name: 'a', mechanism: 1 }], [])).toEqual([
      ['a', 'RESOURCE_NOT_FOUND'],
    ])
    expect(errorsOf(image, [{ name: 'a', mechanism: 0 }], [])).toEqual([
      ['a', 'UNSUPPORTED_SASL_MECHANISM'],
    ])
    const empty = { ...upsertion('a', 4096), saltedPassword: Buffer.alloc(0) }
    expect(errorsOf(image, [], [empty])).toEqual([['a', 'UNACCEPTABLE_CREDENTIAL']])
    expect(errorsOf(image, [], [upsertion('', 4096)])).toEqual([['', 'UNACCEPTABLE_CREDENTIAL']])
  })
})
