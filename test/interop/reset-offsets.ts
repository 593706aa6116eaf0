/**
 * `varve groups reset-offsets` beside Kafka's own `kafka-consumer-groups`, against the same broker: for each way to reset, both
 * are asked for their plan for the same group, then each resets a group of its own that had committed the same, and what the
 * groups have committed afterwards is compared.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Admin, type Consumer, Varve } from '@varve/client'
import { runCommand } from '../support/varve-command.ts'
import { type KafkaTools, startKafkaTools } from './kafka-tools.ts'
import { type ResetCase, resetCases } from './reset-offsets-cases.ts'
import { type Stage, setStage } from './reset-offsets-stage.ts'
import type { Outcome } from './run.ts'

export const RESET_OFFSETS = 'reset-offsets'

interface Setting {
  readonly bootstrap: string
  readonly tools: KafkaTools
  readonly varve: Varve
  readonly admin: Admin
  readonly stage: Stage
  readonly folder: string
}

/** Runs all cases, and tells `report` of each. */
export async function compareResetOffsets(options: {
  readonly bootstrap: string
  readonly cache: string
  readonly report: (outcome: Outcome) => void
}): Promise<void> {
  const { bootstrap, cache, report } = options
  const folder = mkdtempSync(join(tmpdir(), 'varve-reset-'))
  // Positions before the beginning of a log are part of the play, and need not be reported.
  const silent = () => undefined
  const log = { error: silent, warn: silent, info: silent, debug: silent }
  const varve = new Varve({ brokers: [bootstrap], clientId: 'reset-offsets', log })
  await using admin = varve.admin()
  await using tools = startKafkaTools(cache)
  const stage = await setStage(varve, admin, `reset-${Date.now()}`)
  const setting: Setting = { bootstrap, tools, varve, admin, stage, folder }
  const attempt = async (says: string, work: () => Promise<string | undefined>) => {
    const problem = await work().catch((error: unknown) => String(error))
    report({ peer: RESET_OFFSETS, says, problem })
  }
  try {
    for (const [index, resetCase] of resetCases(stage).entries())
      await attempt(resetCase.says, () => compare(setting, resetCase, index))
    await attempt('several groups at once', () => compareGroups(setting))
    await attempt('its CSV is read by the other', () => exchangeFiles(setting))
    await attempt('consumers read again from there', () => readAgain(setting))
    for (const groupProtocol of ['classic', 'consumer'] as const)
      await attempt(`an active ${groupProtocol} group is refused`, () =>
        refuseActive(setting, groupProtocol),
      )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function compare(
  setting: Setting,
  resetCase: ResetCase,
  index: number,
): Promise<string | undefined> {
  const theirs = await newGroup(setting, `${index}-kafka`)
  const ours = await newGroup(setting, `${index}-varve`)
  const before = await committed(setting, theirs)
  const plans = [
    await kafka(setting, theirs, [...argsFor(setting, resetCase, theirs), '--dry-run', '--export']),
    await own(setting, theirs, [...argsFor(setting, resetCase, theirs), '--export']),
  ]
  const [kafkaPlan = '', varvePlan = ''] = plans.map(plan => sorted(plan.output))
  if ((await committed(setting, theirs)) !== before) return 'a dry run changed something'
  const executed = await kafka(setting, theirs, [
    ...argsFor(setting, resetCase, theirs),
    '--execute',
  ])
  const executedByUs = await own(setting, ours, [
    ...argsFor(setting, resetCase, ours),
    '--execute',
    '--json',
  ])
  const [after, afterByUs] = [await committed(setting, theirs), await committed(setting, ours)]
  if (resetCase.isRefused) {
    if (executed.code === 0) return 'Kafka did not refuse it'
    if (executedByUs.code !== 1) return `varve ended with ${executedByUs.code}`
    return afterByUs === before ? undefined : 'a refused reset changed something'
  }
  if (executedByUs.code !== 0) return `varve ended with ${executedByUs.code}: ${executedByUs.said}`
  if (kafkaPlan !== varvePlan)
    return `Kafka plans\n${kafkaPlan}\nand varve\n${varvePlan}\nKafka says ${plans[0]?.output}`
  if (kafkaPlan === '') return `nothing was planned: ${plans[0]?.output}`
  if (after !== afterByUs) return `Kafka commits\n${after}\nand varve\n${afterByUs}`
  return undefined
}

function argsFor({ folder }: Setting, { args, file }: ResetCase, groupId: string): string[] {
  if (file === undefined) return [...args]
  const path = join(folder, `${groupId}.csv`)
  writeFileSync(path, file.replaceAll('GROUP', groupId))
  return args.map(arg => (arg === 'FILE' ? path : arg))
}

/** Without `--export`, Kafka's tool prints a table; with it, and for one group or several, CSV. */
async function compareGroups(setting: Setting): Promise<string | undefined> {
  const { stage } = setting
  const groups = [await newGroup(setting, 'many-1'), await newGroup(setting, 'many-2')]
  const scope = ['--topic', stage.orders, '--topic', stage.users, '--to-earliest', '--export']
  const asked = groups.flatMap(groupId => ['--group', groupId])
  const theirs = await setting.tools.run([...resetArgs(setting), ...asked, ...scope, '--dry-run'])
  const ours = await runCommand([...ownArgs(setting), ...groups, ...scope])
  return sorted(theirs.output) === sorted(ours.output)
    ? undefined
    : `Kafka plans\n${theirs.output}\nand varve\n${ours.output}${ours.said}`
}

/** What one tool exports the other takes, and both mean the same. */
async function exchangeFiles(setting: Setting): Promise<string | undefined> {
  const source = await newGroup(setting, 'file')
  const shift = ['--all-topics', '--shift-by', '2', '--export']
  const exported = await kafka(setting, source, [...shift, '--dry-run'])
  const exportedByUs = await own(setting, source, shift)
  const path = join(setting.folder, 'kafka.csv')
  const ourPath = join(setting.folder, 'varve.csv')
  writeFileSync(path, exported.output)
  writeFileSync(ourPath, exportedByUs.output)
  const theirs = await newGroup(setting, 'file-kafka')
  const ours = await newGroup(setting, 'file-varve')
  await kafka(setting, theirs, ['--from-file', ourPath, '--execute'])
  const taken = await own(setting, ours, ['--from-file', path, '--execute'])
  if (taken.code !== 0) return taken.said
  const [after, afterByUs] = [await committed(setting, theirs), await committed(setting, ours)]
  return after === afterByUs ? undefined : `Kafka commits\n${after}\nand varve\n${afterByUs}`
}

/** After a reset the group's consumer is given the records from there on, and no other. */
async function readAgain(setting: Setting): Promise<string | undefined> {
  const { stage } = setting
  const groupId = await newGroup(setting, 'again')
  const target = ['--to-datetime', new Date(stage.firstAt + 3_600_000).toISOString()]
  const done = await own(setting, groupId, [
    ...['--topic', stage.orders, ...target],
    ...['--execute', '--json'],
  ])
  if (done.code !== 0) return done.said
  const plan = JSON.parse(done.output) as { partition: number; newOffset: number; lag: number }[]
  const read = await runCommand([
    ...['consume', stage.orders, '--group', groupId, '--json'],
    ...['-b', setting.bootstrap],
  ])
  if (read.code !== 0) return read.said
  const offsets = read.output
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as { partition: number; offset: number })
  for (const { partition, newOffset, lag } of plan) {
    const own = offsets.filter(record => record.partition === partition).map(r => r.offset)
    const expected = Array.from({ length: lag }, (_, index) => newOffset + index)
    if (own.join() !== expected.join())
      return `partition ${partition} gave ${own.join()} in place of ${expected.join()}`
  }
  return undefined
}

async function refuseActive(
  setting: Setting,
  groupProtocol: 'classic' | 'consumer',
): Promise<string | undefined> {
  const { stage, varve } = setting
  const groupId = await newGroup(setting, `active-${groupProtocol}`)
  const before = await committed(setting, groupId)
  await using consumer = varve.consumer({
    groupId,
    groupProtocol,
    topics: [stage.orders],
    commit: 'manual',
  })
  await untilItReads(consumer)
  const args = ['--topic', stage.orders, '--to-earliest', '--execute']
  const theirs = await kafka(setting, groupId, args)
  if (!theirs.output.includes('inactive')) return `Kafka's tool said ${theirs.output}`
  const ours = await own(setting, groupId, args)
  const isClear = ours.said.includes('in use') && ours.said.includes('Stop its consumers')
  if (ours.code !== 1 || !isClear) return `it ended with ${ours.code}: ${ours.said}`
  return (await committed(setting, groupId)) === before ? undefined : 'the offsets were changed'
}

async function untilItReads(consumer: Consumer): Promise<void> {
  for await (const _ of consumer) return
}

/** A group of its own that has committed what the stage says. */
async function newGroup({ admin, stage }: Setting, name: string): Promise<string> {
  const groupId = `${stage.orders}.${name}`
  for (const { error } of await admin.alterGroupOffsets(groupId, stage.committed))
    if (error !== undefined) throw error
  return groupId
}

/** All that a group has committed, as text that can be compared. */
async function committed({ admin }: Setting, groupId: string): Promise<string> {
  const [group] = await admin.groupOffsets([{ groupId }])
  if (group?.error !== undefined) throw group.error
  return (group?.offsets ?? [])
    .map(({ topic, partition, offset, leaderEpoch, metadata }) =>
      JSON.stringify({ topic, partition, offset, leaderEpoch, metadata }),
    )
    .join('\n')
}

function kafka(setting: Setting, groupId: string, args: readonly string[]) {
  return setting.tools.run([...resetArgs(setting), '--group', groupId, ...args])
}

function resetArgs({ bootstrap }: Setting): readonly string[] {
  return ['--bootstrap-server', bootstrap, '--reset-offsets']
}

function own(setting: Setting, groupId: string, args: readonly string[]) {
  return runCommand([...ownArgs(setting), groupId, ...args])
}

function ownArgs({ bootstrap }: Setting): readonly string[] {
  return ['groups', 'reset-offsets', '-b', bootstrap]
}

/** The lines of CSV in order, for the tools have orders of their own; Kafka's puts quotes around what has 25 characters or more. */
function sorted(output: string): string {
  return output
    .replaceAll('"', '')
    .split('\n')
    .filter(line => /^[^ ,]+,.*\d+,\d+$/.test(line))
    .sort()
    .join('\n')
}
