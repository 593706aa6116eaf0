import { clusterCases } from './cluster-cases.ts'
import { configCases } from './config-cases.ts'
import { groupCases } from './group-cases.ts'
import { recordCases } from './record-cases.ts'
import type { ToolCase } from './tool-case.ts'
import { topicCases } from './topic-cases.ts'

/** All commands, in the order in which they are run: later ones find what earlier ones made. */
export const toolCases: readonly ToolCase[] = [
  ...topicCases,
  ...configCases,
  ...recordCases,
  ...groupCases,
  ...clusterCases,
]
