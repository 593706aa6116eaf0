/**
 * Kafka's console consumer reads our `__consumer_offsets` with Kafka's formatters: what it prints is compared with what was
 * committed and assigned, by the account of who did it, and with how we read the same records, field by field.
 */
import { isDeepStrictEqual } from 'node:util'
import { decodeAssignment, type GroupRecord, groupRecords } from '@varve/protocol'
import type { Outcome } from '../run.ts'
import { ConsoleFormatters, type PrintedRecord } from './console-formatters.ts'
import type { Member } from './member.ts'
import type { GroupProtocol, MemberKind } from './member-kinds.ts'
import { groupRecordsOf } from './offsets-log.ts'
import { Stage } from './stage.ts'

export const CONSOLE = 'console formatters'

const PARTITIONS = 3

interface Reading {
  readonly stage: Stage
  readonly printed: readonly PrintedRecord[]
}

/** Reads a group of each protocol, whose members are those of a client that says what its member id and generation are. */
export async function readWithConsole(options: {
  readonly bootstrap: string
  readonly cache: string
  readonly kind: MemberKind
  readonly report: (outcome: Outcome) => void
}): Promise<void> {
  const { bootstrap, cache, kind, report } = options
  using formatters = new ConsoleFormatters(cache, bootstrap)
  await using classic = await settledGroup({ bootstrap, cache, kind, protocol: 'classic' })
  await using consumer = await settledGroup({ bootstrap, cache, kind, protocol: 'consumer' })
  await forget(classic, 2)
  const attempt = async (says: string, work: () => Promise<readonly string[]>): Promise<void> => {
    const faults = await work().catch((error: unknown) => [String(error)])
    const problem = faults.length === 0 ? undefined : faults.join('; ')
    report({ peer: CONSOLE, says, problem })
  }
  await attempt('print the offsets that were committed, and that one was deleted', async () => {
    const printed = await formatters.read('offsets')
    return [
      ...offsetFaults({ stage: classic, printed }, 2),
      ...offsetFaults({ stage: consumer, printed }),
    ]
  })
  await attempt('print the generation and the members of a classic group', async () =>
    generationFaults({ stage: classic, printed: await formatters.read('groups') }),
  )
  const printed = await formatters.read('all')
  await attempt('print the epoch and the members of a consumer group', async () =>
    epochFaults({ stage: consumer, printed }),
  )
  for (const stage of [classic, consumer])
    await attempt(`print each record of ${stage.options.name} as we read it`, () =>
      fieldFaults({ stage, printed }),
    )
}

async function settledGroup(options: {
  readonly bootstrap: string
  readonly cache: string
  readonly kind: MemberKind
  readonly protocol: GroupProtocol
}): Promise<Stage> {
  const { kind, protocol } = options
  const stage = await Stage.open({
    ...options,
    name: `console-${protocol}`,
    partitions: PARTITIONS,
  })
  for (const instance of ['one', 'two']) stage.add(kind, { protocol, instance }).tell('join')
  await stage.untilShared(stage.members)
  await stage.writer.write(5)
  await stage.untilRead()
  return stage
}

/** Deletes what a group without members committed; the commit is that of an administrator. */
async function forget({ varve, options }: Stage, offset: number): Promise<void> {
  await using admin = varve.admin()
  const groupId = `${options.name}-forgotten`
  const at = { topic: options.name, partition: 0 }
  const done = [
    ...(await admin.alterGroupOffsets(groupId, [{ ...at, offset, metadata: 'für später' }])),
    ...(await admin.deleteGroupOffsets(groupId, [at])),
  ]
  for (const { error } of done) if (error !== undefined) throw error
}

function offsetFaults({ stage, printed }: Reading, forgotten?: number): string[] {
  const { name } = stage.options
  const lastOf = (group: string, partition: number) =>
    printed.findLast(({ key }) => isDeepStrictEqual(key.data, { group, topic: name, partition }))
  const faults = stage.writer.ends.flatMap((end, partition) => {
    const data = lastOf(name, partition)?.value?.data
    return data?.['offset'] === end && data['metadata'] === ''
      ? []
      : [`partition ${partition} of ${name} is printed as ${JSON.stringify(data)}, not ${end}`]
  })
  if (forgotten === undefined) return faults
  const own = printed.filter(({ key }) => key.data['group'] === `${name}-forgotten`)
  const values = own.map(({ value }) => value?.data['offset'] ?? null)
  const text = own[0]?.value?.data['metadata']
  return isDeepStrictEqual(values, [forgotten, null]) && text === 'für später'
    ? faults
    : [...faults, `a commit of ${forgotten} and its end are printed as ${JSON.stringify(own)}`]
}

function generationFaults({ stage, printed }: Reading): string[] {
  const last = printed.findLast(({ key }) => key.data['group'] === stage.options.name)
  const { members = [], ...data } = (last?.value?.data ?? {}) as {
    readonly members?: readonly {
      readonly memberId: string
      readonly groupInstanceId: string
      readonly assignment: string
    }[]
    readonly generation?: number
    readonly protocolType?: string
    readonly protocol?: string
    readonly leader?: string
  }
  const found = members.map(({ memberId, assignment }) => {
    const { assignedPartitions } = decodeAssignment(Buffer.from(assignment, 'base64'))
    return [memberId, assignedPartitions.flatMap(({ partitions }) => partitions).sort()]
  })
  const expected = stage.members.map(member => [placeOf(member).member, [...member.owned].sort()])
  const names = members.map(({ groupInstanceId }) => groupInstanceId).sort()
  const isRight =
    isDeepStrictEqual(found.sort(), expected.sort()) &&
    isDeepStrictEqual(names, ['one', 'two']) &&
    data.generation === Math.max(...stage.members.map(member => placeOf(member).generation)) &&
    data.protocolType === 'consumer' &&
    data.protocol === 'range' &&
    expected.some(([memberId]) => memberId === data.leader)
  return isRight ? [] : [`${JSON.stringify(last)} is printed of ${JSON.stringify(expected)}`]
}

function epochFaults({ stage, printed }: Reading): string[] {
  const { name } = stage.options
  const lastOf = (type: number, more: object) =>
    printed.findLast(
      ({ key }) => key.type === type && isDeepStrictEqual(key.data, { groupId: name, ...more }),
    )?.value?.data
  const faults = stage.members.flatMap(member => {
    const { member: memberId } = placeOf(member)
    const { assignedPartitions = [], ...data } = (lastOf(8, { memberId }) ?? {}) as {
      readonly assignedPartitions?: readonly { readonly partitions: readonly number[] }[]
      readonly memberEpoch?: number
    }
    const held = assignedPartitions.flatMap(({ partitions }) => partitions).sort()
    const isRight =
      isDeepStrictEqual(held, [...member.owned].sort()) &&
      data.memberEpoch === lastOf(3, {})?.['epoch'] &&
      isDeepStrictEqual(lastOf(5, { memberId })?.['subscribedTopicNames'], [name])
    return isRight
      ? []
      : [
          `${JSON.stringify(data)} with ${held} is printed of ${member.name}, which owns ${[...member.owned]}`,
        ]
  })
  return lastOf(3, {}) === undefined ? [...faults, 'no epoch is printed'] : faults
}

/** By its own account. */
function placeOf({ events }: Member): { readonly member: string; readonly generation: number } {
  const last = events.findLast(({ event }) => event === 'assigned')
  if (last?.event !== 'assigned') throw new Error('a member was never assigned anything')
  return { member: last.member ?? '', generation: last.generation ?? -1 }
}

async function fieldFaults({ stage, printed }: Reading): Promise<string[]> {
  const { name } = stage.options
  const theirs = printed.filter(({ key }) => (key.data['groupId'] ?? key.data['group']) === name)
  const ours = await groupRecordsOf(stage.varve, name)
  if (ours.length === 0 || theirs.length !== ours.length)
    return [`they are ${theirs.length}, and we read ${ours.length}`]
  return theirs.flatMap((record, index) => {
    const own = ours[index]
    const same = own !== undefined && isSame(record, own)
    return same ? [] : [`${JSON.stringify(record)} is printed of ${JSON.stringify(own)}`]
  })
}

function isSame({ key, value }: PrintedRecord, own: GroupRecord): boolean {
  if (groupRecords[own.type].key.key !== key.type) return false
  if (!isDeepStrictEqual(key.data, printedForm(own.key))) return false
  if (value === null || own.value === null) return value === own.value
  const form = printedForm(own.value) as Record<string, unknown>
  // What is not printed has its default there; what is printed must be the same here.
  return Object.entries(value.data).every(([field, said]) => isDeepStrictEqual(said, form[field]))
}

/** As Kafka prints it: bytes in base64, a hash as a number, which JSON in JavaScript rounds. */
function printedForm(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return value.toString('base64')
  if (Array.isArray(value)) return value.map(printedForm)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([field, inner]) => [
      field,
      field === 'metadataHash'
        ? Number(BigInt.asIntN(64, BigInt(`0x${inner}`)))
        : printedForm(inner),
    ]),
  )
}
