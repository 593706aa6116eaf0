import type { Admin, DescribedGroup, DescribedMember, RemovedMember } from '@varve/client'
import { memberHost, memberName } from '../active-groups.ts'
import type { Command } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { type ConfirmOptions, confirm, confirmOptions } from '../confirm.ts'
import { type ConnectOptions, connect, connectOptions } from '../connect.ts'
import { type PrintOptions, print, printOptions } from '../print.ts'
import { printable } from '../printable.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'

interface Options extends ConnectOptions, PrintOptions, ConfirmOptions {
  readonly group: string
  readonly remove: readonly string[] | undefined
}

/** `varve groups members` */
export const groupsMembers: Command<Options> = {
  options: yargs =>
    confirmOptions(printOptions(connectOptions(yargs)))
      .positional('group', { type: 'string', demandOption: true, describe: 'Its name' })
      .option('remove', {
        type: 'string',
        array: true,
        nargs: 1,
        requiresArg: true,
        describe: 'Take this member out: the name of a static one, or a member id',
      })
      .example('$0 groups members billing', 'who reads what')
      .example(
        '$0 groups members billing --remove worker-3',
        'a static member that will not return',
      ),

  async run(options, terminal) {
    const varve = await connect(options, terminal)
    await using admin = varve.admin()
    const [group] = await admin.describeGroups([options.group])
    if (group === undefined || group.error !== undefined)
      throw group?.error ?? new CommandError(`There is no group ${options.group}`)
    if (options.remove === undefined) return printMembers(group, options, terminal)
    const members = [...new Set(options.remove)].map(name => memberNamed(group, name))
    if (!options.dryRun && !options.yes) await confirm(questionOf(members), terminal)
    const outcomes = options.dryRun ? [] : await remove(admin, group, members)
    const done = members.filter((_, index) => outcomes[index]?.error === undefined)
    await print(options, terminal, {
      data: members.map(member => ({
        ...member,
        removed: !options.dryRun && done.includes(member),
      })),
      text: () =>
        done
          .map(
            member =>
              `Member ${printable(memberName(member))} ${options.dryRun ? 'would be' : 'is'} removed from group ${group.groupId}.\n`,
          )
          .join(''),
    })
    const failed = outcomes.flatMap(({ error }) => error?.message ?? [])
    if (failed.length > 0) throw new CommandError(failed.join('; '))
  },
}

function memberNamed(group: DescribedGroup, name: string): DescribedMember {
  const found =
    group.members.find(({ groupInstanceId }) => groupInstanceId === name) ??
    group.members.find(({ memberId }) => memberId === name)
  if (found !== undefined) return found
  throw new CommandError(`Group ${group.groupId} has no member ${name}`)
}

function questionOf(members: readonly DescribedMember[]) {
  return {
    losses: members.map(
      member =>
        `${memberName(member)} on ${memberHost(member)}: owns ${owned(member) || 'nothing'}`,
    ),
    that: 'members may be removed',
    question: 'Remove, so that others get their partitions?',
    otherwise: 'Nobody was removed',
  }
}

function remove(
  admin: Admin,
  group: DescribedGroup,
  members: readonly DescribedMember[],
): Promise<readonly RemovedMember[]> {
  return admin.removeMembers(
    group.groupId,
    members.map(({ groupInstanceId, memberId }) =>
      groupInstanceId === null ? { memberId } : { groupInstanceId },
    ),
    { reason: 'removed with varve groups members' },
  )
}

function printMembers(group: DescribedGroup, options: Options, terminal: Terminal): Promise<void> {
  const rows = group.members.map(member => [
    member.memberId,
    member.groupInstanceId ?? '-',
    member.clientId,
    memberHost(member),
    member.memberEpoch < 0 ? '-' : member.memberEpoch,
    member.assignment.length,
    owned(member) || '-',
  ])
  const headings = ['MEMBER', 'INSTANCE', 'CLIENT', 'HOST', 'EPOCH', 'PARTITIONS', 'OWNS']
  return print(options, terminal, {
    data: group.members,
    text: () =>
      rows.length === 0 ? `Group ${group.groupId} has no members.\n` : table(headings, rows),
  })
}

/** `orders:0,1 users:2` */
function owned({ assignment }: DescribedMember): string {
  const topics = new Map<string, number[]>()
  for (const { topic, partition } of assignment)
    topics.set(topic, [...(topics.get(topic) ?? []), partition])
  return [...topics].map(([topic, partitions]) => `${topic}:${partitions.join(',')}`).join(' ')
}
