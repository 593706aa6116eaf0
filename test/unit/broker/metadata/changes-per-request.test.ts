import { expect, it } from 'vitest'
import { alterClientQuotas } from '../../../../packages/broker/src/metadata/alter-client-quotas.ts'
import { alterScramCredentials } from '../../../../packages/broker/src/metadata/alter-scram-credentials.ts'
import { applyAll } from '../../../../packages/broker/src/metadata/apply.ts'
import { CHANGES_PER_REQUEST_MAX } from '../../../../packages/broker/src/metadata/changes-per-request.ts'
import { imageWith } from '../../../support/metadata-image.ts'

const names = Array.from({ length: CHANGES_PER_REQUEST_MAX + 1 }, (_, index) => `user-${index}`)
const errorsOf = (outcomes: Iterable<{ readonly error: string }>) =>
  [...outcomes].map(({ error }) => error)

it('lets a request change so much and no more, and takes what is within', () => {
  const quotas = names.map(entityName => ({
    entity: [{ entityType: 'user', entityName }],
    ops: [{ key: 'producer_byte_rate', value: 5, remove: false }],
  }))
  const { outcome, changes } = alterClientQuotas(imageWith(), quotas)
  expect(errorsOf(outcome).slice(-2)).toEqual(['NONE', 'POLICY_VIOLATION'])
  expect(applyAll(imageWith(), changes).clientQuotas.size).toBe(CHANGES_PER_REQUEST_MAX)
})

it('computes no keys for more', () => {
  const secret = { salt: Buffer.from('a'), saltedPassword: Buffer.from('b') }
  const upsertions = names.map(name => ({ name, mechanism: 1, iterations: 4096, ...secret }))
  const { outcome, changes } = alterScramCredentials(imageWith(), [], upsertions)
  expect(new Set(errorsOf(outcome.values()))).toEqual(new Set(['POLICY_VIOLATION']))
  expect(changes).toEqual([])
})
