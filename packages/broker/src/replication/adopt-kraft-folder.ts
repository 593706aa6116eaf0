import { removeJournal } from '../log/journal/recover.ts'
import { adoptMetadata } from '../metadata/adopt-metadata.ts'
import type { KraftFolder } from './foreign-folder.ts'
import { logIdentitiesOf } from './log-identities.ts'
import { type RecoverForeignOptions, recoverForeignLogs } from './recover-foreign-logs.ts'

/**
 * Takes over a data folder that Kafka was the last to use: the logs first, the metadata last, so that whatever interrupts this, it can be
 * done again. A journal in it is ours from before Kafka wrote, and means nothing any more.
 */
export async function adoptKraftFolder(
  options: RecoverForeignOptions,
  { image, log, lastStop }: KraftFolder,
): Promise<void> {
  const { world, logDirectory } = options
  const directory = logDirectory.path
  await removeJournal(world, directory)
  if (lastStop === 'unclean')
    await recoverForeignLogs(options, logIdentitiesOf(image, directory), [])
  await adoptMetadata({ world, directory, image, leaderEpoch: log.leaderEpoch })
}
