import type { CommittedOffset, PartitionOutcome } from '@varve/client'
import { describedGroups, isMissing, refuseActive } from '../active-groups.ts'
import type { Command } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { type ConfirmOptions, confirm, confirmOptions } from '../confirm.ts'
import { type ConnectOptions, connect, connectOptions } from '../connect.ts'
import { type PrintOptions, print, printOptions } from '../print.ts'
import { type TopicScope, topicScope } from '../topic-scope.ts'

interface Options extends ConnectOptions, PrintOptions, ConfirmOptions {
  readonly group: string
  readonly topic: readonly string[]
}

/** `varve groups delete-offsets` */
export const groupsDeleteOffsets: Command<Options> = {
  options: yargs =>
    confirmOptions(printOptions(connectOptions(yargs)))
      .positional('group', { type: 'string', demandOption: true, describe: 'Its name' })
      .option('topic', {
        type: 'string',
        array: true,
        nargs: 1,
        requiresArg: true,
        demandOption: true,
        describe: 'The topic, or partitions of it as in orders:0,1,2',
      })
      .example('$0 groups delete-offsets billing --topic orders', '')
      .example('$0 groups delete-offsets billing --topic orders:0,1 --yes', 'in a script'),

  async run(options, terminal) {
    const scopes = options.topic.map(topicScope)
    const varve = await connect(options, terminal)
    await using admin = varve.admin()
    const { group: groupId } = options
    const groups = await describedGroups(admin, [groupId])
    if (groups.some(isMissing)) throw new CommandError(`There is no group ${groupId}`)
    const [committed] = await admin.groupOffsets([{ groupId }])
    if (committed?.error !== undefined) throw committed.error
    // The topic may be gone, so the partitions are those of the commits and not those of the cluster.
    const losses = (committed?.offsets ?? []).filter(at => at.offset >= 0 && isIn(scopes, at))
    if (losses.length === 0) {
      throw new CommandError(
        `Group ${groupId} has committed nothing of ${options.topic.join(', ')}`,
      )
    }
    if (!options.dryRun && !options.yes) await confirm(questionOf(losses), terminal)
    const outcomes = options.dryRun ? [] : await admin.deleteGroupOffsets(groupId, losses)
    const done = losses.filter((_, index) => outcomes[index]?.error === undefined)
    await print(options, terminal, {
      data: losses.map(loss => ({
        groupId,
        topic: loss.topic,
        partition: loss.partition,
        offset: loss.offset,
        deleted: !options.dryRun && done.includes(loss),
      })),
      text: () => done.map(loss => `${sentence(groupId, loss, options.dryRun)}\n`).join(''),
    })
    if (outcomes.some(isSubscribed))
      refuseActive(await admin.describeGroups([groupId]), 'its members read this topic')
    const failed = outcomes.flatMap(({ error }) => error?.message ?? [])
    if (failed.length > 0) throw new CommandError(failed.join('; '))
  },
}

function isIn(scopes: readonly TopicScope[], { topic, partition }: CommittedOffset): boolean {
  return scopes.some(
    scope => scope.topic === topic && (scope.partitions?.includes(partition) ?? true),
  )
}

function isSubscribed({ error }: PartitionOutcome): boolean {
  return error?.code === 'GROUP_SUBSCRIBED_TO_TOPIC'
}

function sentence(groupId: string, loss: CommittedOffset, dryRun: boolean): string {
  const what = `The offset ${loss.offset} of ${loss.topic}-${loss.partition}`
  return `${what} ${dryRun ? 'would be' : 'is'} deleted from group ${groupId}.`
}

function questionOf(losses: readonly CommittedOffset[]) {
  return {
    losses: losses.map(({ topic, partition, offset }) => `${topic}-${partition}: ${offset}`),
    that: 'the offsets may be lost',
    question: 'Delete for good?',
    otherwise: 'Nothing was deleted',
  }
}
