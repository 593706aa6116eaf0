import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type Command,
  type ConsumeJob,
  type Peer,
  type ProduceJob,
  parseJsonLines,
  type ReadRecord,
} from './peer.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** The foreign clients, as `install.sh` left them in `cache`. */
export function peers(cache: string): Peer[] {
  const python = join(cache, 'python/bin/python')
  const found = [
    varve,
    command,
    kcat,
    { ...kafkajs, version: versionOf(cache, 'kafkajs', 'kafkajs') },
    { ...platformatic, version: versionOf(cache, 'platformatic', '@platformatic/kafka') },
    {
      ...pythonPeer('kafka-python', python),
      version: versionOf(cache, 'python', 'kafka-python'),
    },
    aiokafka(cache),
    {
      ...pythonPeer('confluent-kafka', python),
      version: versionOf(cache, 'python', 'confluent-kafka'),
    },
  ]
  const others = [
    { ...java(cache), version: versionOf(cache, 'java', 'kafka-clients') },
    goPeer(cache, 'franz-go'),
    goPeer(cache, 'sarama'),
  ]
  return [...found, ...others.filter(({ version }) => version !== undefined)]
}

/** Of a client that `install.sh` left in that folder of the cache; undefined when it did not. */
function versionOf(cache: string, folder: string, client: string): string | undefined {
  const file = join(cache, folder, '.installed')
  if (!existsSync(file)) return undefined
  const said = ` ${readFileSync(file, 'utf8').trim()} `
  return said.split(` ${client}`)[1]?.match(/^[@= v]*([\d.]+)/)?.[1]
}

const kcat: Peer = {
  name: 'kcat',
  compressions: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
  without: {
    groups: 'its library is that of confluent-kafka, which is asked',
    transactions: 'it has none',
    admin: 'it has none',
  },
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
  without: {
    consume: 'its consumer knows groups only',
    snappy: 'takes a codec of another package',
    lz4: 'takes a codec of another package',
    zstd: 'takes a codec of another package',
  },
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
  without: {
    groups: 'it reads without one',
    transactions: 'it has none',
    admin: 'its commands have tests of their own',
  },
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

/** A program with the actions that all of these have, on the same command line. */
function actionsOf(action: (name: string, args: readonly string[]) => Command) {
  return {
    produce: ({ bootstrap, topic, files, compression, idempotence }: ProduceJob) =>
      action('produce', [bootstrap, topic, files.jsonLines, compression, idempotence]),
    consume: ({ bootstrap, topics }: ConsumeJob) => [action('consume', [bootstrap, ...topics])],
    parse: parseJsonLines,
    administer: (bootstrap: string, prefix: string) => action('admin', [bootstrap, prefix]),
    joinGroups: (bootstrap: string, prefix: string) => action('groups', [bootstrap, prefix]),
    transact: (bootstrap: string, prefix: string) => action('transactions', [bootstrap, prefix]),
  }
}

const platformatic: Peer = {
  name: 'platformatic',
  compressions: ['none', 'gzip', 'snappy', 'lz4'],
  without: { zstd: "it takes Node's own, which is there from 22.15 on" },
  unread: {
    zstd: "no zstd, for it takes Node's own, which is there from 22.15 on",
    snappy: 'no snappy of others, which write it in the frames that Java does',
  },
  ...actionsOf((name, args) => script(process.execPath, 'platformatic/peer.mjs', [name, ...args])),
}

function aiokafka(cache: string): Peer {
  const python = join(cache, 'aiokafka/bin/python')
  return {
    name: 'aiokafka',
    version: versionOf(cache, 'aiokafka', 'aiokafka'),
    compressions: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
    ...actionsOf((name, args) => script(python, 'aiokafka/peer.py', [name, ...args])),
  }
}

/** A program that `install.sh` compiled. */
function goPeer(cache: string, name: string): Peer {
  const program = join(cache, name, 'peer')
  return {
    name,
    version: versionOf(cache, name, name),
    compressions: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
    ...actionsOf((action, args) => ({ program, args: [action, ...args] })),
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
