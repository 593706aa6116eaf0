/** Kafka's own command-line tools, unmodified, against a Kafka of one node and against Varve: each command has to say the same, or to differ for a reason. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBrokerProcess } from '../../support/processes.ts'
import { formatKafkaFolder, startKafkaServer } from '../folders/kafka-server.ts'
import type { Outcome } from '../run.ts'
import { normalised, type Side } from './normalise.ts'
import { TOOLS, type ToolCase } from './tool-case.ts'
import { toolCases } from './tool-cases.ts'
import { startToolHost, type ToolHost, type ToolResult } from './tool-host.ts'

export const TOOLS_STEP = 'tools'

/** As `startKafkaServer` sets them. */
const settings = {
  'node.id': '1',
  'process.roles': 'broker,controller',
  'controller.listener.names': 'CONTROLLER',
  'offsets.topic.num.partitions': '3',
  'offsets.topic.replication.factor': '1',
  'transaction.state.log.num.partitions': '3',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'group.initial.rebalance.delay.ms': '0',
  'log.cleaner.backoff.ms': '200',
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': '500',
}

const SLOW_SECONDS = 10

interface Player extends Side {
  readonly host: ToolHost
  /** Where files for the tools are written. */
  readonly files: string
}

/** Runs all commands, and tells `report` of each. */
export async function runTools(options: {
  readonly cache: string
  readonly report: (outcome: Outcome) => void
  readonly log: (line: string) => void
}): Promise<void> {
  const { cache, report, log } = options
  const temporary = mkdtempSync(join(tmpdir(), 'varve-tools-'))
  const folder = join(temporary, 'kafka')
  await formatKafkaFolder(cache, folder)
  const kafka = await startKafkaServer(cache, folder)
  try {
    await using varve = await startBrokerProcess({ from: 'dist', settings })
    await using kafkaHost = startToolHost(cache)
    await using varveHost = startToolHost(cache)
    const players: readonly [Player, Player] = [
      { bootstrap: kafka.bootstrap, folder, host: kafkaHost, files: join(temporary, 'a') },
      {
        bootstrap: varve.bootstrap,
        folder: varve.dataFolder,
        host: varveHost,
        files: join(temporary, 'b'),
      },
    ]
    for (const { files } of players) mkdirSync(files)
    await withoutEligibleReplicas(players[0])
    for (const one of toolCases) {
      const began = performance.now()
      const says = `${one.tool} ${one.args}`
      const results = await Promise.all(players.map(player => run(player, one)))
      const [theirs = '', ours = ''] = results.map((result, index) =>
        normalised(result, players[index] as Player, one),
      )
      const isSame = theirs === ours
      const problem =
        isSame === (one.differs === undefined) ? undefined : differenceOf(theirs, ours)
      report({ peer: TOOLS_STEP, says, problem })
      const seconds = Math.round((performance.now() - began) / 1000)
      if (seconds >= SLOW_SECONDS) log(`${says}: ${seconds} s`)
      if (one.differs !== undefined) log(`${says}: differs: ${one.differs}`)
    }
  } finally {
    await kafka.stop()
    rmSync(temporary, { recursive: true, force: true })
  }
}

/** Kafka sets `min.insync.replicas` for all brokers while it keeps eligible leaders, of which one node has no use. */
async function withoutEligibleReplicas({ host, bootstrap }: Player): Promise<void> {
  const at = ['--bootstrap-server', bootstrap]
  const down = ['downgrade', '--feature', 'eligible.leader.replicas.version=0']
  await host.run({ program: TOOLS['kafka-features'], args: [...at, ...down] })
  const drop = '--alter --entity-type brokers --entity-default --delete-config min.insync.replicas'
  await host.run({ program: TOOLS['kafka-configs'], args: [...at, ...drop.split(' ')] })
}

function run(player: Player, one: ToolCase): Promise<ToolResult> {
  const { file, input, withinMs } = one
  if (file !== undefined) writeFileSync(join(player.files, file.name), file.content)
  const at = `--bootstrap-server ${player.bootstrap}`
  const text = one.args.includes('{at}') ? one.args : `${one.args} {at}`
  const args = text.replaceAll('{at}', at).replaceAll('{folder}', player.files).trim().split(' ')
  return player.host.run({
    program: TOOLS[one.tool],
    args,
    ...(input === undefined ? {} : { input }),
    ...(withinMs === undefined ? {} : { withinMs }),
  })
}

function differenceOf(theirs: string, ours: string): string {
  if (theirs === ours) return 'there is no difference any more; remove its reason'
  const [kafkaLines, varveLines] = [theirs.split('\n'), ours.split('\n')]
  const missing = kafkaLines.filter(line => !varveLines.includes(line))
  const added = varveLines.filter(line => !kafkaLines.includes(line))
  const shown = [...missing.map(line => `- ${line}`), ...added.map(line => `+ ${line}`)]
  return `\n${(shown.length === 0 ? ['the order of the lines', theirs, 'beside', ours] : shown).join('\n')}`
}
