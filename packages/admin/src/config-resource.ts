import type { ConfigResource, ConfigResourceType } from '@varve/client'
import { UsageError } from './command-error.ts'

/** What has settings that a command may show and change. */
export const configTypes = [
  'topic',
  'broker',
  'broker-logger',
  'client-metrics',
  'group',
] as const satisfies readonly ConfigResourceType[]

/** Reads the type and name of what has settings; the broker called `default` stands for all brokers. */
export function configResource(type: string, name: string | undefined): ConfigResource {
  const known = configTypes.find(candidate => candidate === type)
  if (known === undefined) {
    throw new UsageError(
      `${JSON.stringify(type)} has no settings; expected one of ${configTypes.join(', ')}`,
    )
  }
  if (name === undefined || name === '') {
    throw new UsageError(
      `Say which ${type}${known === 'broker' ? ': its id, or default for all' : ''}`,
    )
  }
  return { type: known, name: known === 'broker' && name === 'default' ? '' : name }
}
