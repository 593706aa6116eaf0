/** Makes partitions of the folders that the metadata does not know (L11): checked and synced first, named by one batch of records then. */
import { LeaderEpochs } from '../log/leader-epochs.ts'
import { LEADER_EPOCHS_FILE } from '../log/log-caches.ts'
import type { LogIdentity } from '../log/log-state.ts'
import { readPartitionMetadata, writePartitionMetadata } from '../log/partition-metadata.ts'
import { partitionFolderName } from '../log/segment-files.ts'
import { amend } from '../metadata/amend.ts'
import type { MetadataStore } from '../metadata/store.ts'
import { DiskError } from '../world.ts'
import { describeFolders, surveyDataFolder } from './data-folder-survey.ts'
import { logIdentitiesOf } from './log-identities.ts'
import { type RecoverForeignOptions, recoverForeignLogs } from './recover-foreign-logs.ts'
import { planStrays, type StrayFolder, type StrayRules } from './stray-folders.ts'

export interface AdoptStraysOptions extends RecoverForeignOptions {
  readonly metadata: MetadataStore & { readonly removedTopicIds: ReadonlySet<string> }
  readonly rules: StrayRules
}

/**
 * Resolves when the metadata knows all partitions that there are. Whatever interrupts this, it can be done again: until the records are
 * written nothing but the ends of the logs and their ids have changed. Rejects with a `LogDirectoryError` that names what cannot be
 * taken over; then nothing was changed.
 */
export async function adoptStrays(options: AdoptStraysOptions): Promise<void> {
  const { world, logDirectory, metadata, rules } = options
  const found = await findStrays(options)
  if (found.length === 0) return
  const { folders } = planStrays(found, metadata.image, rules)
  world.log.info(
    `Taking folders over that the metadata does not know: ${describeFolders(found)}. Their settings are not known: nothing of them is deleted before retention.ms or cleanup.policy is set.`,
    { topics: [...new Set(found.map(({ topic }) => topic))] },
  )
  const adopted = new Map<LogIdentity, StrayFolder>()
  for (const { folder, topicId } of folders) {
    const { topic, partition, name } = folder
    const directory = `${logDirectory.path}/${name}`
    if (folder.topicId === undefined) await writePartitionMetadata(world.disk, directory, topicId)
    adopted.set({ topic, topicId, partition, directory }, { ...folder, topicId })
  }
  const known = logIdentitiesOf(metadata.image, logDirectory.path)
  const states = await recoverForeignLogs(options, [...adopted.keys()], known)
  const recovered: StrayFolder[] = []
  for (const [identity, folder] of adopted) {
    const state = states.get(identity)
    const epochs =
      state === undefined || state instanceof DiskError
        ? await leaderEpochsOf(options, identity)
        : state.leaderEpochs
    recovered.push({ ...folder, leaderEpoch: epochs.latest })
  }
  await amend(metadata, image => {
    const { changes } = planStrays(recovered, image, rules)
    return { outcome: undefined, changes }
  })
}

/** Folders of topics that were removed are no strays: their deletion is finished when the logs are opened. */
async function findStrays(options: AdoptStraysOptions): Promise<readonly StrayFolder[]> {
  const { world, logDirectory, metadata } = options
  const known = new Set(
    logIdentitiesOf(metadata.image, logDirectory.path).map(({ topic, partition }) =>
      partitionFolderName(topic, partition),
    ),
  )
  const strays: StrayFolder[] = []
  for (const folder of await surveyDataFolder(world.disk, logDirectory.path)) {
    if (known.has(folder.name)) continue
    const topicId = await readPartitionMetadata(world.disk, `${logDirectory.path}/${folder.name}`)
    if (topicId !== undefined && metadata.removedTopicIds.has(topicId)) continue
    strays.push({ ...folder, topicId, leaderEpoch: -1 })
  }
  return strays
}

async function leaderEpochsOf(
  { world }: AdoptStraysOptions,
  { directory }: LogIdentity,
): Promise<LeaderEpochs> {
  const epochs = new LeaderEpochs()
  const content = await world.disk.readFile(`${directory}/${LEADER_EPOCHS_FILE}`)
  if (content !== undefined) epochs.load(content)
  return epochs
}
