/**
 * Offsets that were committed within transactions which are not over: nobody reads them, and the marker of the transaction decides what becomes
 * of them (T9). Written by `apply` alone, in the order of the log, on which rests which of several offsets of one partition is the newest.
 */
import type { OffsetRecord } from './apply-offset-record.ts'

export interface PendingOffsets {
  /** By group, then by `placeKey`, then by producer id: the oldest first. */
  readonly byGroup: Map<string, Map<string, Map<number, OffsetRecord>>>
  /** Which places a producer has something pending in: by group, `placeKey`s. */
  readonly byProducer: Map<number, Map<string, Set<string>>>
}

export function noPendingOffsets(): PendingOffsets {
  return { byGroup: new Map(), byProducer: new Map() }
}

export function placeKey(topic: string, partition: number): string {
  return `${partition}/${topic}`
}

/** Whether the committed offset of the partition may change by the end of a transaction (KIP-447). */
export function isPending(
  { byGroup }: PendingOffsets,
  groupId: string,
  place: { readonly topic: string; readonly partition: number },
): boolean {
  return byGroup.get(groupId)?.has(placeKey(place.topic, place.partition)) === true
}

export function hasPendingOffsets({ byGroup }: PendingOffsets, groupId: string): boolean {
  return byGroup.has(groupId)
}

/** Where the group has something pending. */
export function* pendingPlaces(
  { byGroup }: PendingOffsets,
  groupId: string,
): IterableIterator<{ readonly topic: string; readonly partition: number }> {
  for (const producers of byGroup.get(groupId)?.values() ?? []) {
    for (const { key } of producers.values()) {
      yield { topic: key.topic, partition: key.partition }
      break
    }
  }
}

/** Takes an offset in whose transaction goes on. It is the newest of its partition. */
export function addPending(
  { byGroup, byProducer }: PendingOffsets,
  producerId: number,
  record: OffsetRecord,
): void {
  const { group, topic, partition } = record.key
  const key = placeKey(topic, partition)
  const places = getOrAdd(byGroup, group, () => new Map<string, Map<number, OffsetRecord>>())
  const producers = getOrAdd(places, key, () => new Map<number, OffsetRecord>())
  producers.delete(producerId)
  producers.set(producerId, record)
  const groups = getOrAdd(byProducer, producerId, () => new Map<string, Set<string>>())
  getOrAdd(groups, group, () => new Set<string>()).add(key)
}

/** A newer record of the partition is committed: whatever was pending there is too old to matter. */
export function dropPending(pending: PendingOffsets, { key }: OffsetRecord): void {
  const place = placeKey(key.topic, key.partition)
  const producers = pending.byGroup.get(key.group)?.get(place)
  for (const producerId of producers?.keys() ?? []) remove(pending, producerId, [key.group, place])
}

/**
 * The transaction of the producer is over: gives what it leaves to be committed, when it was a commit. What others wrote before that in the
 * same partitions is too old from then on.
 */
export function takePending(
  pending: PendingOffsets,
  producerId: number,
  result: 'commit' | 'abort',
): readonly OffsetRecord[] {
  const taken: OffsetRecord[] = []
  for (const [groupId, places] of pending.byProducer.get(producerId) ?? []) {
    for (const place of places) {
      const producers = pending.byGroup.get(groupId)?.get(place)
      const record = producers?.get(producerId)
      if (result === 'commit' && record !== undefined) {
        taken.push(record)
        for (const older of producers?.keys() ?? []) {
          if (older === producerId) break
          remove(pending, older, [groupId, place])
        }
      }
      remove(pending, producerId, [groupId, place])
    }
  }
  return taken
}

function remove(
  { byGroup, byProducer }: PendingOffsets,
  producerId: number,
  [groupId, place]: readonly [string, string],
): void {
  const places = byGroup.get(groupId)
  const producers = places?.get(place)
  producers?.delete(producerId)
  if (producers?.size === 0) places?.delete(place)
  if (places?.size === 0) byGroup.delete(groupId)
  const groups = byProducer.get(producerId)
  const own = groups?.get(groupId)
  own?.delete(place)
  if (own?.size === 0) groups?.delete(groupId)
  if (groups?.size === 0) byProducer.delete(producerId)
}

function getOrAdd<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key)
  if (value === undefined) map.set(key, (value = make()))
  return value
}
