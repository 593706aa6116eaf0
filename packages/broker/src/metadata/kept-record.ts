/**
 * Records of Kafka's metadata log that say something on which this version of Varve does not act: access control and delegation
 * tokens. A folder that was taken over keeps them, so that Kafka finds them again.
 */
import { Buffer } from 'node:buffer'
import type { MetadataRecord } from '@varve/protocol'
import type { KeptRecord } from './change.ts'

/** The record as a change that keeps it; undefined when it is of another kind, or takes something away. */
export function keptRecordOf(record: MetadataRecord, value: Uint8Array): KeptRecord | undefined {
  const subject = keptSubjectOf(record)
  return subject?.effect === 'sets'
    ? { type: 'KeptRecord', key: subject.key, value: Buffer.from(value) }
    : undefined
}

export interface KeptSubject {
  readonly key: string
  readonly effect: 'sets' | 'removes'
}

/** What a record is about, and whether it sets that or takes it away; undefined for a kind that is not kept. */
export function keptSubjectOf({ type, record }: MetadataRecord): KeptSubject | undefined {
  if (type === 'AccessControlEntryRecord') return { key: `access ${record.id}`, effect: 'sets' }
  if (type === 'RemoveAccessControlEntryRecord')
    return { key: `access ${record.id}`, effect: 'removes' }
  if (type === 'DelegationTokenRecord') return { key: `token ${record.tokenId}`, effect: 'sets' }
  if (type === 'RemoveDelegationTokenRecord')
    return { key: `token ${record.tokenId}`, effect: 'removes' }
  return undefined
}
