import { Buffer } from 'node:buffer'
import { readFile } from 'node:fs/promises'
import type { Admin } from '@varve/client'
import { describedGroups, isMissing, namesOfGroups, refuseActive } from '../active-groups.ts'
import type { Command } from '../command.ts'
import { CommandError, UsageError } from '../command-error.ts'
import { type ConnectOptions, connect, connectOptions } from '../connect.ts'
import { csvOfOffsets, type OffsetRow, offsetsOfCsv } from '../offsets-csv.ts'
import { type PrintOptions, print, printOptions } from '../print.ts'
import { type PlannedOffset, type ResetScope, resetPlan } from '../reset-plan.ts'
import {
  type ResetTarget,
  resetTarget,
  type TargetOptions,
  targetOptions,
} from '../reset-target.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import { topicScope } from '../topic-scope.ts'

interface Options extends ConnectOptions, PrintOptions, TargetOptions {
  readonly groups: readonly string[] | undefined
  readonly allGroups: boolean
  readonly topic: readonly string[] | undefined
  readonly allTopics: boolean
  readonly execute: boolean
  readonly dryRun: boolean
  readonly export: boolean
}

/** `varve groups reset-offsets` */
export const groupsResetOffsets: Command<Options> = {
  options: yargs =>
    targetOptions(printOptions(connectOptions(yargs)))
      .positional('groups', {
        type: 'string',
        array: true,
        describe: 'Their names; a file may name them instead',
      })
      .option('all-groups', { type: 'boolean', default: false, describe: 'All groups' })
      .option('topic', {
        type: 'string',
        array: true,
        nargs: 1,
        requiresArg: true,
        describe: 'Only this topic, or partitions of it as in orders:0,1,2',
      })
      .option('all-topics', {
        type: 'boolean',
        default: false,
        describe: 'Everything that the group has committed',
      })
      .option('execute', {
        type: 'boolean',
        default: false,
        describe: 'Do it; without it, it is only said what would be done',
      })
      .option('dry-run', {
        type: 'boolean',
        default: false,
        describe: 'Only say what would be done; that is so anyway',
      })
      .option('export', {
        type: 'boolean',
        default: false,
        describe: 'Print the new offsets as CSV, as --from-file reads them',
      })
      .example(
        '$0 groups reset-offsets billing --topic orders --to-datetime 2026-11-21T10:00:00Z',
        'what it would do',
      )
      .example(
        '$0 groups reset-offsets billing --topic orders --by-duration 90m --execute',
        'read the last 90 minutes again',
      )
      .example('$0 groups reset-offsets billing --topic orders:0 --shift-by -1 --execute', '')
      .example('$0 groups reset-offsets billing --all-topics --to-current --export > plan.csv', '')
      .example('$0 groups reset-offsets billing --from-file plan.csv --execute', ''),

  async run(options, terminal) {
    checkOptions(options)
    const target = await resetTarget(options, {
      now: () => Date.now(),
      readRows: file => readRows(file, terminal),
    })
    const scope = scopeOf(options, target)
    const varve = await connect(options, terminal)
    await using admin = varve.admin()
    const groupIds = await groupIdsOf(admin, options, target)
    await checkGroups(admin, groupIds, terminal)
    const warn = (sentence: string) => terminal.say(`varve: ${sentence}`)
    const plan = await resetPlan(admin, { groupIds, scope, target }, warn)
    const { failed, why } = options.execute ? await execute(admin, groupIds, plan) : NOTHING_FAILED
    await printPlan(plan, { options, terminal, failed })
    if (why.length > 0) throw new CommandError(why.join('; '))
    if (!options.execute && plan.length > 0) {
      terminal.say('Nothing was changed: this was a dry run. Say --execute to do it.')
    }
  },
}

function checkOptions(options: Options): void {
  const { execute, dryRun, json, groups = [], allGroups, topic = [], allTopics } = options
  if (execute && dryRun) throw new UsageError('--execute and --dry-run contradict each other')
  if (options.export && json) throw new UsageError('--export prints CSV, and --json prints JSON')
  if (allGroups && groups.length > 0)
    throw new UsageError('Groups are named, and --all-groups is said too')
  if (allTopics && topic.length > 0)
    throw new UsageError('Topics are named, and --all-topics is said too')
  if (options.fromFile !== undefined && (allTopics || topic.length > 0))
    throw new UsageError('--from-file names the partitions itself; leave out --topic, --all-topics')
}

async function readRows(file: string, terminal: Terminal): Promise<readonly OffsetRow[]> {
  if (file !== '-') {
    const text = await readFile(file, 'utf8').catch((error: Error) => {
      throw new CommandError(`${file} cannot be read: ${error.message}`)
    })
    return offsetsOfCsv(file, text)
  }
  const chunks: Uint8Array[] = []
  for await (const chunk of terminal.input) chunks.push(chunk)
  return offsetsOfCsv('Standard input', Buffer.concat(chunks).toString())
}

function scopeOf({ topic = [], allTopics }: Options, target: ResetTarget): ResetScope {
  if (topic.length > 0) return topic.map(topicScope)
  if (target.to === 'rows' || target.to === 'group') return 'of the target'
  if (allTopics) return 'committed'
  throw new UsageError(
    'Say which topics: --topic orders, --topic orders:0,1,2, or --all-topics for all that the group has committed',
  )
}

async function groupIdsOf(
  admin: Admin,
  { groups = [], allGroups }: Options,
  target: ResetTarget,
): Promise<readonly string[]> {
  const named = allGroups ? await namesOfGroups(admin) : [...new Set(groups)]
  if (target.to !== 'rows') {
    if (named.length > 0 || allGroups) return named
    throw new UsageError('Name a group, or say --all-groups')
  }
  const inFile = [...new Set(target.rows.map(({ groupId }) => groupId))]
  if (inFile.includes(undefined)) {
    if (inFile.length === 1 && named.length === 1) return named
    throw new CommandError(
      inFile.length > 1
        ? `${target.name} has lines of both forms; expected group,topic,partition,offset in all of them`
        : `${target.name} does not say which group its offsets are of; name one group, or write group,topic,partition,offset`,
    )
  }
  const ofFile = inFile.filter(groupId => groupId !== undefined)
  const missing = named.filter(groupId => !ofFile.includes(groupId))
  if (missing.length > 0 && !allGroups)
    throw new CommandError(`${target.name} says nothing of group ${missing.join(', ')}`)
  return named.length === 0 ? ofFile : ofFile.filter(groupId => named.includes(groupId))
}

async function checkGroups(
  admin: Admin,
  groupIds: readonly string[],
  terminal: Terminal,
): Promise<void> {
  const groups = await describedGroups(admin, groupIds)
  refuseActive(groups, 'what its members commit would overwrite the new offsets, so none are taken')
  for (const { groupId } of groups.filter(isMissing)) {
    terminal.say(`varve: There is no group ${groupId} yet; committing for it makes it`)
  }
}

/** What of a plan was not done, and why: one group or partition says nothing of the others. */
interface Failures {
  readonly failed: ReadonlySet<PlannedOffset>
  readonly why: readonly string[]
}

const NOTHING_FAILED: Failures = { failed: new Set(), why: [] }

async function execute(
  admin: Admin,
  groupIds: readonly string[],
  plan: readonly PlannedOffset[],
): Promise<Failures> {
  const failed = new Set<PlannedOffset>()
  const why = new Set<string>()
  for (const groupId of groupIds) {
    const own = plan.filter(planned => planned.groupId === groupId)
    const offsets = own.map(({ topic, partition, newOffset }) => ({
      topic,
      partition,
      offset: newOffset,
    }))
    const outcomes = await admin.alterGroupOffsets(groupId, offsets)
    for (const [index, { error }] of outcomes.entries()) {
      if (error === undefined) continue
      failed.add(own[index] as PlannedOffset)
      if (error.code !== 'UNKNOWN_MEMBER_ID') why.add(error.message)
    }
    // A consumer that joined in between: the same error for each partition says it once.
    if (outcomes.some(({ error }) => error?.code === 'UNKNOWN_MEMBER_ID'))
      why.add(await whoJoined(admin, groupId))
  }
  return { failed, why: [...why] }
}

async function whoJoined(admin: Admin, groupId: string): Promise<string> {
  try {
    refuseActive(await admin.describeGroups([groupId]), 'a consumer has just joined it')
  } catch (error) {
    if (error instanceof CommandError) return error.message
    throw error
  }
  return `A consumer was in group ${groupId} for a moment; try again`
}

async function printPlan(
  plan: readonly PlannedOffset[],
  how: {
    readonly options: Options
    readonly terminal: Terminal
    readonly failed: ReadonlySet<PlannedOffset>
  },
): Promise<void> {
  const { options, terminal, failed } = how
  if (options.export) {
    const rows = plan.map(({ newOffset, ...place }) => ({ ...place, offset: newOffset }))
    const isOne = new Set(plan.map(({ groupId }) => groupId)).size <= 1
    await terminal.write(csvOfOffsets(rows, isOne ? 'one group' : 'several groups'))
    return
  }
  await print(options, terminal, {
    data: plan.map(planned => ({
      groupId: planned.groupId,
      topic: planned.topic,
      partition: planned.partition,
      currentOffset: planned.currentOffset,
      newOffset: planned.newOffset,
      lag: planned.endOffset - planned.newOffset,
      lagChange: lagChange(planned),
      executed: options.execute && !failed.has(planned),
    })),
    text: () =>
      plan.length === 0
        ? 'There is nothing to reset.\n'
        : table(
            ['GROUP', 'TOPIC', 'PARTITION', 'CURRENT', 'NEW', 'LAG', 'LAG CHANGE'],
            plan.map(rowOf),
          ),
  })
}

function rowOf(planned: PlannedOffset) {
  const { groupId, topic, partition, currentOffset, newOffset, endOffset } = planned
  const change = lagChange(planned)
  return [
    groupId,
    topic,
    partition,
    currentOffset ?? '-',
    newOffset,
    endOffset - newOffset,
    change ?? '-',
  ]
}

/** How much more there is to read than before; null when nothing was committed. */
function lagChange({ currentOffset, newOffset }: PlannedOffset): number | null {
  return currentOffset === null ? null : currentOffset - newOffset
}
