import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'

/** A whole SCRAM exchange (RFC 5802, RFC 7677), and the keys that a server stores. */
export interface ScramVector {
  readonly mechanism: string
  readonly user: string
  readonly password: string
  readonly saltHex: string
  readonly iterations: number
  readonly clientFirst: string
  readonly serverFirst: string
  readonly clientFinal: string
  readonly serverFinal: string
  readonly saltedPasswordHex: string
  readonly storedKeyHex: string
  readonly serverKeyHex: string
}

/** Plays both sides of the exchange and compares every message and every key. */
export const checkScram = (vector: ScramVector): readonly string[] => {
  const { mechanism, user, password, saltHex, iterations } = vector
  const hash = mechanism === 'SCRAM-SHA-512' ? 'sha512' : 'sha256'
  const hmac = (key: Buffer, text: string | Buffer): Buffer =>
    createHmac(hash, key).update(text).digest()
  const bits = createHash(hash).digest().length
  const salted = pbkdf2Sync(password, Buffer.from(saltHex, 'hex'), iterations, bits, hash)
  const clientKey = hmac(salted, 'Client Key')
  const serverKey = hmac(salted, 'Server Key')
  const storedKey = createHash(hash).update(clientKey).digest()

  const clientFirstBare = vector.clientFirst.slice('n,,'.length)
  const attributes = new Map(vector.serverFirst.split(',').map(part => [part[0], part.slice(2)]))
  const nonce = attributes.get('r') ?? ''
  const withoutProof = `c=biws,r=${nonce}`
  const signed = [clientFirstBare, vector.serverFirst, withoutProof].join()
  const signature = hmac(storedKey, signed)
  const proof = clientKey.map((byte, index) => byte ^ (signature[index] ?? 0))

  const given: Readonly<Record<string, readonly [given: unknown, stated: unknown]>> = {
    'the user': [clientFirstBare.split(',')[0], `n=${user}`],
    'the nonce': [nonce.startsWith(clientFirstBare.split(',r=')[1] ?? ' '), true],
    'the salt': [Buffer.from(attributes.get('s') ?? '', 'base64').toString('hex'), saltHex],
    'the iterations': [Number(attributes.get('i')), iterations],
    'the salted password': [salted.toString('hex'), vector.saltedPasswordHex],
    'the stored key': [storedKey.toString('hex'), vector.storedKeyHex],
    'the server key': [serverKey.toString('hex'), vector.serverKeyHex],
    'the last word of the client': [
      `${withoutProof},p=${Buffer.from(proof).toString('base64')}`,
      vector.clientFinal,
    ],
    'the last word of the server': [
      `v=${hmac(serverKey, signed).toString('base64')}`,
      vector.serverFinal,
    ],
  }
  return Object.entries(given)
    .filter(([, [ours, theirs]]) => ours !== theirs)
    .map(([what]) => `${mechanism} ${user}: ${what} is another`)
}
