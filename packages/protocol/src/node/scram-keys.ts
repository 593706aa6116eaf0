import { createRequire } from 'node:module'

/** The mechanisms of SCRAM by the numbers that the protocol and the metadata log give them (KIP-554). */
export const SCRAM_MECHANISMS: ReadonlyMap<number, ScramMechanism> = new Map([
  [1, 'SCRAM-SHA-256'],
  [2, 'SCRAM-SHA-512'],
])

export type ScramMechanism = 'SCRAM-SHA-256' | 'SCRAM-SHA-512'

/** What a server keeps of a password: with it a client can be checked, and not be played. */
export interface ScramKeys {
  readonly storedKey: Buffer
  readonly serverKey: Buffer
}

/** The keys of RFC 5802 for a password that is salted already, which may not be empty. */
export function scramKeys(mechanism: ScramMechanism, saltedPassword: Uint8Array): ScramKeys {
  // Loaded when a password is set: it would be a tenth of what importing the package costs everybody.
  const { createHash, createHmac } = createRequire(import.meta.url)(
    'node:crypto',
  ) as typeof import('node:crypto')
  const hash = mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512'
  const keyed = (text: string): Buffer => createHmac(hash, saltedPassword).update(text).digest()
  return {
    storedKey: createHash(hash).update(keyed('Client Key')).digest(),
    serverKey: keyed('Server Key'),
  }
}
