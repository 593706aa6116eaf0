import type { MemberHistory } from './member.ts'

interface Window {
  readonly member: string
  readonly partition: number
  readonly from: number
  readonly to: number
  readonly generation: number | undefined
}

/**
 * G1 by the members' own account: no partition was held by two at once, and nothing was read by who did not hold it. A member
 * that is stopped by SIGSTOP holds nothing from then on until it is assigned something again: it cannot know, and its
 * generation is over.
 */
export function faultsOfOwnership(members: readonly MemberHistory[]): string[] {
  const windows = members.flatMap(windowsOf)
  windows.sort((one, other) => one.partition - other.partition || one.from - other.from)
  const overlaps = windows.flatMap((window, index) => {
    const previous = windows[index - 1]
    if (previous?.partition !== window.partition || previous.to <= window.from) return []
    const { partition, from, member } = window
    return [
      `G1: partition ${partition} was assigned to ${member} at ${from} (generation ${window.generation}) while ${previous.member} ` +
        `held it from ${previous.from} to ${previous.to} (generation ${previous.generation})`,
    ]
  })
  return [...overlaps, ...members.flatMap(readsOutside)].slice(0, 10)
}

function windowsOf(member: MemberHistory): Window[] {
  const open = new Map<number, Omit<Window, 'to'>>()
  const windows: Window[] = []
  const close = (partitions: Iterable<number>, to: number): void => {
    for (const partition of [...partitions]) {
      const window = open.get(partition)
      if (window !== undefined) windows.push({ ...window, to })
      open.delete(partition)
    }
  }
  for (const event of member.events) {
    switch (event.event) {
      case 'assigned':
        for (const partition of event.partitions) {
          const { at: from, generation } = event
          if (!open.has(partition))
            open.set(partition, { member: member.name, partition, from, generation })
        }
        break
      case 'revoked':
      case 'lost':
        close(event.partitions, event.at)
        break
      case 'left':
      case 'killed':
      case 'stopped':
        close(open.keys(), event.at)
        break
      case 'ready':
      case 'resumed':
      case 'read':
      case 'committed':
      case 'refused':
      case 'failed':
        break
    }
  }
  close(open.keys(), Number.POSITIVE_INFINITY)
  return windows
}

function readsOutside(member: MemberHistory): string[] {
  const owned = new Set<number>()
  const faults: string[] = []
  for (const event of member.events) {
    if (event.event === 'assigned') for (const each of event.partitions) owned.add(each)
    if (event.event === 'revoked' || event.event === 'lost')
      for (const each of event.partitions) owned.delete(each)
    if (event.event === 'left') owned.clear()
    if (event.event === 'read' && !owned.has(event.partition))
      faults.push(
        `${member.name} read partition ${event.partition} at ${event.at} without owning it`,
      )
  }
  return faults
}
