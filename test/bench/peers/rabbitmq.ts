/** RabbitMQ with its stream plugin, and the Erlang that it needs, both unpacked and not installed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../support/processes.ts'
import { unpackDebian } from './debian.ts'
import type { Programs } from './peer-programs.ts'
import type { PeerCommand } from './peer-server.ts'

const ERLANG = ['base', 'asn1', 'crypto', 'public-key', 'mnesia', 'runtime-tools', 'ssl', 'eldap']
ERLANG.push('inets', 'os-mon', 'parsetools', 'syntax-tools', 'tools', 'xmerl')
const LOOPBACK = '127.0.0.1'

export async function rabbitmq(): Promise<Programs> {
  const unpacked = unpackDebian(['rabbitmq-server', ...ERLANG.map(name => `erlang-${name}`)])
  if ('missing' in unpacked) return { programs: [], notes: [unpacked.missing] }
  const { root, version } = unpacked
  const erlang = join(root, 'usr/lib/erlang')
  pointAt(join(erlang, 'bin/erl'), erlang)
  const port = await freePort()
  const others = { epmd: await freePort(), distribution: await freePort(), amqp: await freePort() }
  return {
    programs: [
      {
        ...{ name: 'rabbitmq streams', protocol: 'rabbitmq', port },
        answerMeans: 'in the page cache',
        start: folder => commandIn({ ...others, folder, root, erlang, streams: port }),
      },
    ],
    notes: [`RabbitMQ ${version}: streams never sync, so it has no durable variant`],
  }
}

/** Erlang's start script has the folder that it was packaged for. */
function pointAt(script: string, folder: string): void {
  const text = readFileSync(script, 'utf8')
  writeFileSync(script, text.replaceAll(/^(\s*ROOTDIR)=.*$/gm, `$1=${folder}`))
}

interface Place {
  readonly folder: string
  readonly root: string
  readonly erlang: string
  readonly streams: number
  readonly epmd: number
  readonly distribution: number
  readonly amqp: number
}

function commandIn({
  folder,
  root,
  erlang,
  streams,
  epmd,
  distribution,
  amqp,
}: Place): PeerCommand {
  const config = join(folder, 'rabbitmq.conf')
  const listeners = [
    `listeners.tcp.1 = ${LOOPBACK}:${amqp}`,
    `stream.listeners.tcp.1 = ${LOOPBACK}:${streams}`,
  ]
  writeFileSync(config, `${listeners.join('\n')}\n`)
  const plugins = join(folder, 'enabled_plugins')
  writeFileSync(plugins, '[rabbitmq_stream].\n')
  const library = join(root, 'usr/lib/rabbitmq/lib')
  const [server = ''] = readdirSync(library)
  const env = {
    HOME: folder,
    PATH: `${join(erlang, 'bin')}:${process.env['PATH'] ?? ''}`,
    ERL_EPMD_ADDRESS: LOOPBACK,
    ERL_EPMD_PORT: String(epmd),
    RABBITMQ_NODENAME: 'varve-bench@localhost',
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_LOGS: '-',
    RABBITMQ_CONFIG_FILE: config,
    RABBITMQ_CONF_ENV_FILE: join(folder, 'none'),
    RABBITMQ_ENABLED_PLUGINS_FILE: plugins,
  }
  const names = spawn(join(erlang, 'bin/epmd'), ['-address', LOOPBACK, '-port', String(epmd)], {
    stdio: 'ignore',
  })
  const args = [join(library, server, 'sbin/rabbitmq-server')]
  return { command: 'sh', args, env, beside: [names], worker: beamBelow }
}

/** The virtual machine, which its start scripts wait for. */
function beamBelow({ pid = -1 }: ChildProcess): number {
  const found = descendants(pid).find(
    each => readFileSync(`/proc/${each}/comm`, 'utf8').trim() === 'beam.smp',
  )
  if (found === undefined) throw new Error('RabbitMQ runs without a beam.smp')
  return found
}

function descendants(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
  const own = children.filter(child => child !== '').map(Number)
  return [pid, ...own.flatMap(descendants)]
}
