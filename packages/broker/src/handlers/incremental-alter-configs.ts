import { IncrementalAlterConfigs } from '@varve/protocol'
import type { AlterOperation } from '../metadata/alter-configs.ts'
import { alterConfigResources } from './alter-config-resources.ts'
import { handler } from './handler.ts'

/** What the operations are called by number (KIP-339). */
const operations: readonly AlterOperation[] = ['set', 'delete', 'append', 'subtract']

/** Changes the settings that are named, and only those. */
export const incrementalAlterConfigs = handler(
  IncrementalAlterConfigs,
  ['AlterConfigs Topic', 'AlterConfigs Cluster', 'AlterConfigs Group'],
  async (request, context) => {
    const asked = request.resources.map(({ resourceType, resourceName, configs }) => {
      const unknown = configs.find(
        ({ configOperation }) => operations[configOperation] === undefined,
      )
      return {
        resourceType,
        resourceName,
        others: 'keep' as const,
        malformed: unknown && `There is no operation ${unknown.configOperation}.`,
        alterations: configs.map(({ name, configOperation, value }) => ({
          name,
          operation: operations[configOperation] ?? 'set',
          value,
        })),
      }
    })
    const mode = request.validateOnly ? 'validate' : 'apply'
    return { responses: await alterConfigResources(context, asked, mode) }
  },
)
