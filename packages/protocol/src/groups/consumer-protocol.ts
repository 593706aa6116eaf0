import { Buffer } from 'node:buffer'
import type { AnyMessage, ValueInput } from '../schema/index.ts'
import { Reader } from '../wire/reader.ts'
import { WireError } from '../wire/wire-error.ts'
import { Writer } from '../wire/writer.ts'
import { ConsumerProtocolAssignment } from './consumer-protocol-assignment.ts'
import { ConsumerProtocolSubscription } from './consumer-protocol-subscription.ts'

/** The protocol type of classic groups whose members speak with these blobs. */
export const consumerProtocolType = 'consumer'

/** A subscription to write; what the version does not have is left out. */
export type ConsumerProtocolSubscriptionInput = ValueInput<typeof ConsumerProtocolSubscription>

/** An assignment to write. */
export type ConsumerProtocolAssignmentInput = ValueInput<typeof ConsumerProtocolAssignment>

/** A subscription as it was read, with the version that its writer named. */
export interface VersionedSubscription extends ConsumerProtocolSubscription {
  readonly version: number
}

/** An assignment as it was read, with the version that its writer named. */
export interface VersionedAssignment extends ConsumerProtocolAssignment {
  readonly version: number
}

/** The bytes of a subscription, in a version from 0 to 3: the version, and the body. Throws `WireError`. */
export const encodeSubscription = (
  version: number,
  subscription: ConsumerProtocolSubscriptionInput,
): Buffer => encode(ConsumerProtocolSubscription, version, subscription)

/** The bytes of an assignment, in a version from 0 to 3: the version, and the body. Throws `WireError`. */
export const encodeAssignment = (
  version: number,
  assignment: ConsumerProtocolAssignmentInput,
): Buffer => encode(ConsumerProtocolAssignment, version, assignment)

/**
 * Reads a subscription. A version above the known ones is read as the newest, for later ones only add fields; bytes
 * behind what is known are passed over. Some clients (kafkajs, kafka-go) name a version and leave out the fields it
 * added: where the bytes end just where an earlier version would, they are read as that one. `userData` is a view. Throws `WireError`.
 */
export const decodeSubscription = (bytes: Uint8Array): VersionedSubscription => {
  const { version, body } = open(ConsumerProtocolSubscription, bytes)
  let refused: unknown
  for (let candidate = body; candidate >= 0; candidate--) {
    try {
      const reader = new Reader(bytes, 2)
      const subscription = ConsumerProtocolSubscription.read(reader, candidate)
      if (candidate === body || reader.remaining === 0) return { version, ...subscription }
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      refused ??= error
    }
  }
  throw refused
}

/**
 * Reads an assignment. A version above the known ones is read as the newest, and bytes behind what is known are passed
 * over. No bytes at all are not an assignment: a member that was assigned nothing may be given them. `userData` is a
 * view. Throws `WireError`.
 */
export const decodeAssignment = (bytes: Uint8Array): VersionedAssignment => {
  const { version, body } = open(ConsumerProtocolAssignment, bytes)
  return { version, ...ConsumerProtocolAssignment.read(new Reader(bytes, 2), body) }
}

const encode = (message: AnyMessage, version: number, value: object): Buffer => {
  const writer = new Writer(128)
  writer.int16(version)
  message.write(writer, value, version)
  return Buffer.concat(writer.finish())
}

/** The version that the bytes name, and the one in which their body is read. */
const open = (message: AnyMessage, bytes: Uint8Array): { version: number; body: number } => {
  const version = new Reader(bytes).int16()
  if (version < 0) throw new WireError(`${message.name} has no version ${version}`)
  return { version, body: Math.min(version, message.versions[1]) }
}
