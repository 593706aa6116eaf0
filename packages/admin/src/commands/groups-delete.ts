import { describedGroups, isMissing, refuseActive } from '../active-groups.ts'
import type { Command } from '../command.ts'
import { CommandError } from '../command-error.ts'
import { type ConfirmOptions, confirm, confirmOptions } from '../confirm.ts'
import { type ConnectOptions, connect, connectOptions } from '../connect.ts'
import { type PrintOptions, print, printOptions } from '../print.ts'
import { printable } from '../printable.ts'

interface Options extends ConnectOptions, PrintOptions, ConfirmOptions {
  readonly groups: readonly string[]
  readonly ifExists: boolean
}

/** `varve groups delete` */
export const groupsDelete: Command<Options> = {
  options: yargs =>
    confirmOptions(printOptions(connectOptions(yargs)))
      .positional('groups', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'Their names',
      })
      .option('if-exists', {
        type: 'boolean',
        default: false,
        describe: 'Be content when a group does not exist',
      })
      .example('$0 groups delete billing --dry-run', 'what would be lost')
      .example('$0 groups delete billing --yes', 'in a script'),

  async run(options, terminal) {
    const varve = await connect(options, terminal)
    await using admin = varve.admin()
    const described = await describedGroups(admin, [...new Set(options.groups)])
    const missing = described.filter(isMissing).map(({ groupId }) => groupId)
    // Nothing is deleted when one of the names is wrong: then the others may be too.
    if (missing.length > 0 && !options.ifExists)
      throw new CommandError(`There is no group ${missing.join(', ')}`)
    refuseActive(described, 'a group that has members cannot be deleted')
    const found = described.filter(group => !isMissing(group))
    const committed = await admin.groupOffsets(found.map(({ groupId }) => ({ groupId })))
    const losses = committed.map(({ groupId, offsets, error }) => {
      if (error !== undefined) throw error
      return { groupId, partitions: offsets.filter(({ offset }) => offset >= 0).length }
    })
    if (!options.dryRun && losses.length > 0) {
      if (!options.yes) await confirm(questionOf(losses), terminal)
    }
    const outcomes = options.dryRun
      ? []
      : await admin.deleteGroups(losses.map(({ groupId }) => groupId))
    // Each in its place: what became of one says nothing of the others.
    const done = losses.filter((_, index) => outcomes[index]?.error === undefined)
    await print(options, terminal, {
      data: losses.map(loss => ({ ...loss, deleted: !options.dryRun && done.includes(loss) })),
      text: () => done.map(loss => `${sentence(loss, options.dryRun)}\n`).join(''),
    })
    const failed = outcomes.flatMap(({ error }) => error?.message ?? [])
    if (failed.length > 0) throw new CommandError(failed.join('; '))
  },
}

interface Loss {
  readonly groupId: string
  /** Of how many partitions it has committed something. */
  readonly partitions: number
}

function sentence(loss: Loss, dryRun: boolean): string {
  return `Group ${printable(loss.groupId)} ${dryRun ? 'would be' : 'is'} deleted, with ${sizeOf(loss)}.`
}

function sizeOf({ partitions }: Loss): string {
  return `the committed offsets of ${partitions} ${partitions === 1 ? 'partition' : 'partitions'}`
}

function questionOf(losses: readonly Loss[]) {
  return {
    losses: losses.map(loss => `${loss.groupId}: ${sizeOf(loss)}`),
    that: 'the offsets may be lost',
    question: 'Delete for good?',
    otherwise: 'Nothing was deleted',
  }
}
