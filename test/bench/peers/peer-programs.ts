/** NATS JetStream and Redis as Debian has them, with what they do by default and with the nearest to a sync for each acknowledgement. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../support/processes.ts'
import { unpackDebian } from './debian.ts'
import type { PeerProgram } from './peer-server.ts'

/** What is there to be started, and one sentence for each that is not. */
export interface Programs {
  readonly programs: readonly PeerProgram[]
  readonly notes: readonly string[]
}

export async function nats(): Promise<Programs> {
  const unpacked = unpackDebian(['nats-server'])
  if ('missing' in unpacked) return { programs: [], notes: [unpacked.missing] }
  const port = await freePort()
  const { root, version } = unpacked
  return {
    programs: [
      {
        ...{ name: 'nats jetstream', protocol: 'nats', port },
        answerMeans: 'written, synced every 2 minutes',
        start(folder) {
          const config = join(folder, 'nats.conf')
          const lines = [`listen: "127.0.0.1:${port}"`, `jetstream { store_dir: "${folder}/data" }`]
          writeFileSync(config, `${lines.join('\n')}\n`)
          return { command: join(root, 'usr/sbin/nats-server'), args: ['-c', config] }
        },
      },
    ],
    notes: [
      `NATS ${version}: file storage, one replica; its sync interval can be set only from 2.10 on, so it has no durable variant here`,
    ],
  }
}

export async function redis(): Promise<Programs> {
  const unpacked = unpackDebian(['redis-server', 'redis-tools', 'libjemalloc2', 'liblzf1'])
  if ('missing' in unpacked) return { programs: [], notes: [unpacked.missing] }
  const { root, version } = unpacked
  const program = async (fsync: 'everysec' | 'always'): Promise<PeerProgram> => {
    const port = await freePort()
    return {
      ...{ name: `redis ${fsync}`, protocol: 'redis', port },
      answerMeans: fsync === 'always' ? 'synced to the disk' : 'in memory, synced every second',
      start: folder => ({
        command: join(root, 'usr/bin/redis-server'),
        args: [
          ...['--bind', '127.0.0.1', '--port', String(port), '--dir', folder],
          ...['--appendonly', 'yes', '--appendfsync', fsync],
        ],
        env: { LD_LIBRARY_PATH: join(root, 'usr/lib/x86_64-linux-gnu') },
      }),
    }
  }
  return {
    programs: [await program('everysec'), await program('always')],
    notes: [`Redis ${version}: append-only file, and its snapshots as they are by default`],
  }
}
