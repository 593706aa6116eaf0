import { AlterConfigs } from '@varve/protocol'
import { alterConfigResources } from './alter-config-resources.ts'
import { handler } from './handler.ts'

/** Replaces all settings of a resource: what is not named goes back to its default. */
export const alterConfigs = handler(
  AlterConfigs,
  ['AlterConfigs Topic', 'AlterConfigs Cluster', 'AlterConfigs Group'],
  async (request, context) => {
    const asked = request.resources.map(({ resourceType, resourceName, configs }) => ({
      resourceType,
      resourceName,
      others: 'drop' as const,
      alterations: configs.map(({ name, value }) => ({ name, operation: 'set' as const, value })),
    }))
    const mode = request.validateOnly ? 'validate' : 'apply'
    return { responses: await alterConfigResources(context, asked, mode) }
  },
)
