/** Other libraries' batch codecs, from the cache that `test/interop/install.sh` fills: none is a dependency of ours. */
import type { Buffer } from 'node:buffer'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BatchPeer } from './codec-batches.ts'

/** 2.x of @platformatic/kafka needs Node 22. */
const packages = ['kafkajs@2.2.4', '@platformatic/kafka@1.35.0'] as const
const KAFKAJS_AIM = 5
const PLATFORMATIC_AIM = 1.5

/** The peers, installed on first use; none where there is no registry to be reached. */
export const codecPeers = async (): Promise<readonly BatchPeer[]> => {
  const folder = join(
    process.env['VARVE_CACHE'] ?? join(homedir(), '.cache'),
    'varve-interop',
    'bench',
  )
  if (!existsSync(join(folder, 'node_modules/@platformatic/kafka'))) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
    const args = ['install', '--prefix', folder, '--no-fund', '--no-audit', '--silent', ...packages]
    try {
      execFileSync('npm', args, { stdio: 'inherit' })
    } catch (error) {
      console.log(`kafkajs and @platformatic/kafka are left out: ${String(error)}`)
      return []
    }
  }
  return [kafkajs(folder), await platformatic(folder)]
}

interface KafkajsModules {
  readonly RecordBatch: (options: object) => Promise<unknown>
  readonly Record: (options: object) => unknown
  readonly decode: (decoder: unknown) => Promise<{ readonly records: readonly unknown[] }>
  readonly Decoder: new (bytes: Buffer) => { readInt64(): unknown }
}

const kafkajs = (folder: string): BatchPeer => {
  const require = createRequire(join(folder, 'package.json'))
  const modules: KafkajsModules = {
    RecordBatch: require('kafkajs/src/protocol/recordBatch/v0').RecordBatch,
    Record: require('kafkajs/src/protocol/recordBatch/record/v0'),
    decode: require('kafkajs/src/protocol/recordBatch/v0/decoder'),
    Decoder: require('kafkajs/src/protocol/decoder'),
  }
  return {
    name: 'kafkajs',
    aim: KAFKAJS_AIM,
    encoder: records => () => {
      const first = records[0]?.timestamp ?? 0
      return modules.RecordBatch({
        firstTimestamp: first,
        maxTimestamp: records.at(-1)?.timestamp,
        lastOffsetDelta: records.length - 1,
        records: records.map(({ key, value, timestamp }, offsetDelta) =>
          modules.Record({ offsetDelta, timestampDelta: timestamp - first, key, value }),
        ),
      })
    },
    decoder: bytes => () => modules.decode(new modules.Decoder(bytes)),
  }
}

interface PlatformaticModules {
  readonly createRecordsBatch: (messages: object[], options: object) => { readonly buffer: Buffer }
  readonly readRecordsBatch: (reader: unknown) => { readonly records: readonly unknown[] }
  readonly Reader: { from(bytes: Buffer): unknown }
}

const platformatic = async (folder: string): Promise<BatchPeer> => {
  const load = async (path: string): Promise<object> => {
    const file = join(folder, 'node_modules/@platformatic/kafka/dist/protocol', path)
    return (await import(pathToFileURL(file).href)) as object
  }
  const modules = {
    ...(await load('records.js')),
    ...(await load('reader.js')),
  } as PlatformaticModules
  return {
    name: '@platformatic/kafka',
    aim: PLATFORMATIC_AIM,
    encoder: records => {
      const messages = records.map(({ key, value, timestamp }) => ({
        ...{ key, value, timestamp: BigInt(timestamp), topic: 'orders', partition: 0 },
        headers: new Map(),
      }))
      return () => modules.createRecordsBatch(messages, { compression: 'none' }).buffer
    },
    decoder: bytes => () => modules.readRecordsBatch(modules.Reader.from(bytes)),
  }
}
