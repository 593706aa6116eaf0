import type { DescribedGroup } from '@varve/client'
import { memberHost, memberName, namesOfGroups } from '../active-groups.ts'
import type { Command } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { type ConnectOptions, connect, connectOptions } from '../connect.ts'
import { type GroupPosition, groupPositions } from '../group-positions.ts'
import { type PrintOptions, print, printOptions } from '../print.ts'
import { printable } from '../printable.ts'
import { table } from '../table.ts'

interface Options extends ConnectOptions, PrintOptions {
  readonly groups: readonly string[] | undefined
}

/** `varve groups describe` */
export const groupsDescribe: Command<Options> = {
  options: yargs =>
    printOptions(connectOptions(yargs))
      .positional('groups', {
        type: 'string',
        array: true,
        describe: 'Their names  [default: all groups of consumers]',
      })
      .example('$0 groups describe billing', 'how far it is behind, and who reads what')
      .example("$0 groups describe billing --json | jq '[.[].partitions[].lag] | add'", ''),

  async run(options, terminal) {
    const varve = await connect(options, terminal)
    await using admin = varve.admin()
    const names =
      (options.groups ?? []).length > 0 ? [...new Set(options.groups)] : await namesOfGroups(admin)
    const groups = await admin.describeGroups(names)
    const found = groups.filter(({ error }) => error === undefined)
    const positions = await groupPositions(admin, found)
    const of = (group: DescribedGroup) => positions.get(group.groupId) ?? []
    await print(options, terminal, {
      data: found.map(group => asData(group, of(group))),
      text: () =>
        names.length === 0
          ? 'There are no groups.\n'
          : found.map(group => asText(group, of(group))).join('\n'),
    })
    const failed = groups.flatMap(({ error }) => error?.message ?? [])
    if (failed.length > 0) throw new CommandError(failed.join('; '))
  },
}

function asData({ error, ...group }: DescribedGroup, positions: readonly GroupPosition[]) {
  const partitions = positions.map(({ owner, ...position }) => ({
    ...position,
    owner: owner === null ? null : owner.memberId,
  }))
  return { ...group, error: error?.code ?? null, partitions }
}

function asText(group: DescribedGroup, positions: readonly GroupPosition[]): string {
  const rows = positions.map(({ topic, partition, currentOffset, endOffset, lag, owner }) => [
    topic,
    partition,
    currentOffset ?? '-',
    endOffset ?? '?',
    lag ?? '-',
    owner === null ? '-' : memberName(owner),
    owner?.clientId ?? '-',
    owner === null ? '-' : memberHost(owner),
  ])
  const headings = ['TOPIC', 'PARTITION', 'CURRENT', 'END', 'LAG', 'OWNER', 'CLIENT', 'HOST']
  return [
    `${printable(group.groupId)}  (${aboutGroup(group).join(', ')})\n`,
    rows.length === 0 ? 'It has committed nothing.\n' : table(headings, rows),
  ].join('')
}

function aboutGroup(group: DescribedGroup): string[] {
  const { state, type, assignor, members, groupEpoch, coordinatorId } = group
  return [
    state,
    type,
    ...(assignor === '' ? [] : [assignor]),
    `${members.length} ${members.length === 1 ? 'member' : 'members'}`,
    ...(groupEpoch < 0 ? [] : [`epoch ${groupEpoch}`]),
    `coordinator ${coordinatorId}`,
  ]
}
