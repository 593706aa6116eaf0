/** Decides which SCRAM credentials users have (KIP-554). Each user succeeds or fails as a whole. */
import { SCRAM_MECHANISMS, scramKeys } from '@varve/protocol'
import type { Amendment } from './amend.ts'
import type { MetadataChange } from './change.ts'
import { CHANGES_PER_REQUEST_MAX, TOO_MANY_CHANGES } from './changes-per-request.ts'
import type { MetadataImage } from './image.ts'
import type { Refusal } from './new-partitions.ts'

export interface ScramDeletion {
  readonly name: string
  readonly mechanism: number
}

export interface ScramUpsertion extends ScramDeletion {
  readonly iterations: number
  readonly salt: Uint8Array
  readonly saltedPassword: Uint8Array
}

export type ScramAltered = { readonly error: 'NONE' } | Refusal

export const SCRAM_ITERATIONS_MIN = 4096
export const SCRAM_ITERATIONS_MAX = 16_384

const NAMED_TWICE: Refusal = {
  error: 'DUPLICATE_RESOURCE',
  message: 'The user is named twice; one alteration at a time.',
}

/** An outcome for each user, in the order in which the request names them. */
export function alterScramCredentials(
  image: MetadataImage,
  deletions: readonly ScramDeletion[],
  upsertions: readonly ScramUpsertion[],
): Amendment<ReadonlyMap<string, ScramAltered>> {
  const outcome = new Map<string, ScramAltered>()
  if (deletions.length + upsertions.length > CHANGES_PER_REQUEST_MAX) {
    for (const { name } of [...deletions, ...upsertions]) outcome.set(name, TOO_MANY_CHANGES)
    return { outcome, changes: [] }
  }
  const asked = [
    ...deletions.map(one => ({ name: one.name, problem: deletionProblem(image, one) })),
    ...upsertions.map(one => ({ name: one.name, problem: upsertionProblem(one) })),
  ]
  for (const { name, problem } of asked) {
    // Of a user that is named twice nothing is changed.
    const isTwice = outcome.has(name)
    outcome.set(name, isTwice ? NAMED_TWICE : (problem ?? { error: 'NONE' }))
  }
  const isWanted = ({ name }: ScramDeletion): boolean => outcome.get(name)?.error === 'NONE'
  const changes = [
    ...deletions.filter(isWanted).map(removalOf),
    ...upsertions.filter(isWanted).map(credentialOf),
  ]
  return { outcome, changes }
}

function removalOf({ name, mechanism }: ScramDeletion): MetadataChange {
  return { type: 'RemoveUserScramCredentialRecord', name, mechanism }
}

function credentialOf(upsertion: ScramUpsertion): MetadataChange {
  const { name, mechanism, iterations, salt, saltedPassword } = upsertion
  const algorithm = SCRAM_MECHANISMS.get(mechanism) ?? 'SCRAM-SHA-256'
  const { storedKey, serverKey } = scramKeys(algorithm, saltedPassword)
  return {
    type: 'UserScramCredentialRecord',
    ...{ name, mechanism, iterations },
    // The request's bytes are somebody else's buffer.
    salt: Uint8Array.from(salt),
    storedKey: Uint8Array.from(storedKey),
    serverKey: Uint8Array.from(serverKey),
  }
}

function upsertionProblem(upsertion: ScramUpsertion): Refusal | undefined {
  const problem = nameProblem(upsertion)
  if (problem !== undefined) return problem
  const { iterations, salt, saltedPassword } = upsertion
  if (iterations < SCRAM_ITERATIONS_MIN || iterations > SCRAM_ITERATIONS_MAX) {
    return refusal(
      'UNACCEPTABLE_CREDENTIAL',
      `The credential has ${iterations} iterations; expected ${SCRAM_ITERATIONS_MIN} to ${SCRAM_ITERATIONS_MAX}.`,
    )
  }
  if (salt.length === 0 || saltedPassword.length === 0) {
    return refusal('UNACCEPTABLE_CREDENTIAL', 'The salt or the salted password is empty.')
  }
  return undefined
}

function deletionProblem(image: MetadataImage, deletion: ScramDeletion): Refusal | undefined {
  const problem = nameProblem(deletion)
  if (problem !== undefined) return problem
  const { name, mechanism } = deletion
  if (image.scramCredentials.get(name)?.has(mechanism) === true) return undefined
  return refusal('RESOURCE_NOT_FOUND', 'The user has no such credential.')
}

function nameProblem({ name, mechanism }: ScramDeletion): Refusal | undefined {
  if (name === '') return refusal('UNACCEPTABLE_CREDENTIAL', 'The name of the user is empty.')
  if (SCRAM_MECHANISMS.has(mechanism)) return undefined
  return refusal(
    'UNSUPPORTED_SASL_MECHANISM',
    `There is no mechanism ${mechanism}; expected 1 (SCRAM-SHA-256) or 2 (SCRAM-SHA-512).`,
  )
}

function refusal(error: Refusal['error'], message: string): Refusal {
  return { error, message }
}
