import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Command, type Peer, parseJsonLines, type ReadRecord } from './peer.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** The foreign clients, as `install.sh` left them in `cache`. */
export function peers(cache: string): Peer[] {
  const python = join(cache, 'python/bin/python')
  const found = [
    varve,
    command,
    kcat,
    kafkajs,
    pythonPeer('kafka-python', python),
    pythonPeer('confluent-kafka', python),
  ]
  return existsSync(join(cache, 'java/jars')) ? [...found, java(cache)] : found
}

const kcat: Peer = {
  name: 'kcat',
  compressions: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
  produce: ({ bootstrap, topic, files, compression, idempotence }) => ({
    program: 'kcat',
    args: [
      '-P',
      '-b',
      bootstrap,
      '-t',
      topic,
      '-K',
      '\\t',
      '-z',
      compression,
      '-X',
      `enable.idempotence=${idempotence === 'idempotent'}`,
      '-l',
      files.tabbed,
    ],
  }),
  consume: ({ bootstrap, topics }) =>
    topics.map(topic => ({
      program: 'kcat',
      args: ['-C', '-b', bootstrap, '-t', topic, '-o', 'beginning', '-e', '-q', '-J'],
    })),
  parse: output =>
    output
      .split('\n')
      .filter(line => line.startsWith('{'))
      .map(line => JSON.parse(line) as ReadRecord & { payload: string })
      .map(({ payload, ...record }) => ({ ...record, value: payload })),
}

const script = (program: string, path: string, args: readonly string[]): Command => ({
  program,
  args: [here(path), ...args],
})

const kafkajs: Peer = {
  name: 'kafkajs',
  compressions: ['none', 'gzip'],
  produce: ({ bootstrap, topic, files, compression, idempotence }) =>
    script(process.execPath, 'kafkajs/peer.mjs', [
      'produce',
      bootstrap,
      topic,
      files.jsonLines,
      compression,
      idempotence,
    ]),
  administer: (bootstrap, prefix) =>
    script(process.execPath, 'kafkajs/peer.mjs', ['admin', bootstrap, prefix]),
}

const varve: Peer = {
  name: 'varve',
  compressions: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
  produce: ({ bootstrap, topic, files, compression, idempotence }) =>
    script(process.execPath, 'varve/peer.mjs', [
      'produce',
      bootstrap,
      topic,
      files.jsonLines,
      compression,
      idempotence,
    ]),
  consume: ({ bootstrap, topics }) => [
    script(process.execPath, 'varve/peer.mjs', ['consume', bootstrap, ...topics]),
  ],
  parse: parseJsonLines,
  administer: (bootstrap, prefix) =>
    script(process.execPath, 'varve/peer.mjs', ['admin', bootstrap, prefix]),
}

/** `varve produce` and `varve consume`; its other commands have tests of their own. */
const command: Peer = {
  name: 'varve command',
  compressions: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
  produce: ({ bootstrap, topic, files, compression, idempotence }) =>
    script(process.execPath, '../../packages/admin/dist/main.js', [
      'produce',
      topic,
      '--bootstrap',
      bootstrap,
      '--json',
      '--file',
      files.jsonLines,
      '--compression',
      compression,
      '--acks',
      idempotence === 'idempotent' ? 'all' : '1',
    ]),
  consume: ({ bootstrap, topics }) =>
    topics.map(topic =>
      script(process.execPath, '../../packages/admin/dist/main.js', [
        'consume',
        topic,
        '--bootstrap',
        bootstrap,
        '--json',
      ]),
    ),
  parse: parseJsonLines,
}

function pythonPeer(name: string, python: string): Peer {
  const peer = `${name}/peer.py`
  return {
    name,
    compressions: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
    produce: ({ bootstrap, topic, files, compression, idempotence }) =>
      script(python, peer, [
        'produce',
        bootstrap,
        topic,
        files.jsonLines,
        compression,
        idempotence,
      ]),
    consume: ({ bootstrap, topics }) => [script(python, peer, ['consume', bootstrap, ...topics])],
    parse: parseJsonLines,
    administer: (bootstrap, prefix) => script(python, peer, ['admin', bootstrap, prefix]),
  }
}

function java(cache: string): Peer {
  const run = (args: readonly string[]): Command => ({
    program: 'java',
    args: [
      '-XX:TieredStopAtLevel=1',
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
      '-cp',
      join(cache, 'java/jars/*'),
      here('java/Peer.java'),
      ...args,
    ],
  })
  return {
    name: 'java',
    compressions: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
    produce: ({ bootstrap, topic, files, compression, idempotence }) =>
      run(['produce', bootstrap, topic, files.base64, compression, idempotence]),
    consume: ({ bootstrap, topics }) => [run(['consume', bootstrap, ...topics])],
    parse: output =>
      output
        .split('\n')
        .filter(line => line.includes('\t'))
        .map(line => {
          const [topic = '', partition, offset, key = '', value = ''] = line.split('\t')
          const text = (field: string): string => Buffer.from(field.slice(1), 'base64').toString()
          return {
            topic,
            partition: Number(partition),
            offset: Number(offset),
            key: text(key),
            value: text(value),
          }
        }),
    administer: (bootstrap, prefix) => run(['admin', bootstrap, prefix]),
  }
}
