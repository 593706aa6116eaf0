import { Buffer } from 'node:buffer'
import type { Random } from '../../packages/broker/src/world.ts'

/** The bytes of which lengths, counts and varints are made that no one should believe. */
const extremes = [0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff]

type Damage = (bytes: Buffer, random: Random) => Buffer

const damages: readonly Damage[] = [
  // Cut short.
  (bytes, random) => Buffer.from(bytes.subarray(0, random.below(bytes.length + 1))),
  // A few bytes changed, to extremes mostly.
  (bytes, random) => {
    const copy = Buffer.from(bytes)
    for (let left = 1 + random.below(4); left > 0 && copy.length > 0; left -= 1) {
      copy[random.below(copy.length)] = anyByte(random)
    }
    return copy
  },
  // An int32 of another value where a length may stand.
  (bytes, random) => {
    if (bytes.length < 4) return Buffer.from(bytes)
    const copy = Buffer.from(bytes)
    const values = [-2, -1, 0, 0x7fff_ffff, -0x8000_0000, copy.length, copy.length + 1]
    copy.writeInt32BE(values[random.below(values.length)] ?? 0, random.below(copy.length - 3))
    return copy
  },
  // A varint that is overlong, or says 2^32-1.
  (bytes, random) => {
    const at = random.below(bytes.length + 1)
    const varint = [0xff, 0xff, 0xff, 0xff, random.below(2) === 0 ? 0x0f : 0xff]
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(varint), bytes.subarray(at + 1)])
  },
  // Something put in.
  (bytes, random) => {
    const at = random.below(bytes.length + 1)
    const more = Buffer.from(random.bytes(1 + random.below(9)))
    return Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)])
  },
  // Something taken out.
  (bytes, random) => {
    const at = random.below(bytes.length + 1)
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(8))])
  },
  // A stretch said twice: a tag twice, a field twice.
  (bytes, random) => {
    const at = random.below(bytes.length + 1)
    const end = at + random.below(16)
    return Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)])
  },
  // Nothing of it left.
  (bytes, random) => {
    const size = Math.min(bytes.length + 4, 200)
    return Buffer.from(Array.from({ length: size }, () => anyByte(random)))
  },
]

/** A copy of the bytes with one or two kinds of damage. */
export const damaged = (bytes: Buffer, random: Random): Buffer => {
  const once = oneDamage(bytes, random)
  return random.below(3) === 0 ? oneDamage(once, random) : once
}

const oneDamage = (bytes: Buffer, random: Random): Buffer => {
  const damage = damages[random.below(damages.length)]
  return damage === undefined ? Buffer.from(bytes) : damage(bytes, random)
}

const anyByte = (random: Random): number =>
  random.below(2) === 0 ? (extremes[random.below(extremes.length)] ?? 0) : random.below(256)
