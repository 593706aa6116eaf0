import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from '../peer.ts'

export type GroupProtocol = 'classic' | 'consumer'

/** A client whose consumers can be members of a group; each runs in a process of its own. */
export interface MemberKind {
  readonly name: string
  readonly protocols: readonly GroupProtocol[]
  readonly assignors: readonly string[]
  readonly canBeStatic: boolean
  readonly command: (args: readonly string[]) => Command
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const COMPILER_MS_MAX = 60_000

/** The clients that `install.sh` left in `cache`, Java only where there is one. */
export function memberKinds(cache: string): MemberKind[] {
  const python = join(cache, 'python/bin/python')
  const script = (program: string, path: string) => (args: readonly string[]) => ({
    program,
    args: [here(path), ...args],
  })
  const kinds: MemberKind[] = [
    {
      name: 'varve',
      protocols: ['classic', 'consumer'],
      assignors: ['range', 'roundrobin', 'cooperative-sticky'],
      canBeStatic: true,
      command: script(process.execPath, '../varve/member.mjs'),
    },
    {
      name: 'kafkajs',
      protocols: ['classic'],
      assignors: ['range', 'roundrobin'],
      canBeStatic: false,
      command: script(process.execPath, '../kafkajs/member.mjs'),
    },
    {
      name: 'kafka-python',
      protocols: ['classic'],
      assignors: ['range', 'roundrobin', 'cooperative-sticky'],
      canBeStatic: true,
      command: script(python, '../kafka-python/member.py'),
    },
    {
      name: 'confluent-kafka',
      protocols: ['classic', 'consumer'],
      assignors: ['range', 'roundrobin', 'cooperative-sticky'],
      canBeStatic: true,
      command: script(python, '../confluent-kafka/member.py'),
    },
  ]
  return existsSync(join(cache, 'java/jars')) ? [...kinds, java(cache)] : kinds
}

/** Compiled once, for a member is started many times and none should wait for a compiler. */
function java(cache: string): MemberKind {
  const classes = mkdtempSync(join(tmpdir(), 'varve-member-'))
  const jars = join(cache, 'java/jars/*')
  const args = ['-cp', jars, '-d', classes, here('../java/Member.java')]
  const compiled = spawnSync('javac', args, { encoding: 'utf8', timeout: COMPILER_MS_MAX })
  if (compiled.status !== 0) throw new Error(`javac: ${compiled.stderr}`)
  return {
    name: 'java',
    protocols: ['classic', 'consumer'],
    assignors: ['range', 'roundrobin', 'sticky', 'cooperative-sticky'],
    canBeStatic: true,
    command: rest => ({
      program: 'java',
      args: [
        ...['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx96m'],
        '-Dorg.slf4j.simpleLogger.defaultLogLevel=off',
        ...['-cp', `${classes}:${jars}`, 'Member', ...rest],
      ],
    }),
  }
}
