import { crc32c, nodeCodecs } from '@varve/protocol'
import { type LogDirectory, openLogDirectory } from '../../packages/broker/src/log/log-directory.ts'
import { openLocalMetadataStore } from '../../packages/broker/src/metadata/local-metadata-store.ts'
import { adoptKraftFolder } from '../../packages/broker/src/replication/adopt-kraft-folder.ts'
import { adoptStrays } from '../../packages/broker/src/replication/adopt-strays.ts'
import {
  inspectDataFolder,
  type KraftFolder,
} from '../../packages/broker/src/replication/foreign-folder.ts'
import type { RecoverForeignOptions } from '../../packages/broker/src/replication/recover-foreign-logs.ts'
import type { World } from '../../packages/broker/src/world.ts'
import { plainLimits } from './log-harness.ts'
import { DATA_FOLDER, storeOptions } from './metadata-world.ts'

/** The data folder, held, and what was found in it. */
export async function inspected(world: World, foreignLogs: 'adopt' | 'refuse') {
  const at = { world, path: DATA_FOLDER, nodeId: 1, foreignLogs }
  let kraft: KraftFolder | undefined
  const logDirectory = await openLogDirectory({
    ...at,
    clusterId: undefined,
    inspect: async found => {
      kraft = await inspectDataFolder(at, found)
    },
  })
  return { logDirectory, kraft }
}

export function foreignTools(world: World, logDirectory: LogDirectory): RecoverForeignOptions {
  return { world, codecs: nodeCodecs(), crc32c, limits: plainLimits, logDirectory }
}

/** What a start with `--adopt` does before it opens the logs; the folder is let go again, as after a crash. */
export async function adoptAll(world: World): Promise<void> {
  const { logDirectory, kraft } = await inspected(world, 'adopt')
  const tools = foreignTools(world, logDirectory)
  if (kraft !== undefined) await adoptKraftFolder(tools, kraft)
  const { clusterId, lastStop } = logDirectory
  const metadata = await openLocalMetadataStore(
    storeOptions(world, { clusterId, lastStop, foreignLogs: 'adopt' }),
  )
  if (kraft === undefined)
    await adoptStrays({
      ...tools,
      metadata,
      rules: {
        nodeId: 1,
        newTopicId: () => 'AAAAAAAAAAAAAAAAAAAACg',
        internalTopic: () => ({ numPartitions: 1, numPartitionsSetting: 'none', configs: [] }),
      },
    })
  await metadata.close()
  await logDirectory.close('unclean')
}
