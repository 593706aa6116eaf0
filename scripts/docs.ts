/** `npm run docs`: writes the pages that mirror tables in the code. With `--check`, says which of them differ. */
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { apiList, errors } from '@varve/protocol'
import { isAlterable } from '../packages/broker/src/config/dynamic-broker-configs.ts'
import { isImplemented } from '../packages/broker/src/config/implemented.ts'
import type { Setting } from '../packages/broker/src/config/setting.ts'
import {
  BROKER_SETTINGS,
  CLIENT_METRICS_SETTINGS,
  GROUP_SETTINGS,
  TOPIC_SETTINGS,
} from '../packages/broker/src/config/settings-table.ts'
import { classicGroupStates } from '../packages/broker/src/coordinator/group/classic/classic-group-states.ts'
import { memberStates } from '../packages/broker/src/coordinator/group/consumer/consumer-member.ts'
import { transactionStates } from '../packages/broker/src/coordinator/transaction/transaction-states.ts'
import { handlers } from '../packages/broker/src/handlers/index.ts'
import { withExamples } from './docs/examples.ts'
import { kafkaToolsPage, type ToolRow } from './docs/kafka-tools-page.ts'
import { groupsPage, protocolPage, settingsPage, transactionsPage } from './docs/pages.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

// A variable: the scripts are compiled without the tests.
const comparison = '../test/interop/tools/tool-cases.ts'
const { toolCases } = (await import(comparison)) as { toolCases: readonly ToolRow[] }

const answered = new Set(handlers.map(({ api }) => api.key))

const read = (path: string): string => readFileSync(join(root, path), 'utf8')

const pages: Readonly<Record<string, string>> = {
  'docs/testing-with-varve.md': withExamples(read('docs/testing-with-varve.md'), read),
  'docs/protocol.md': protocolPage(
    apiList.map(api => ({ ...api, isAnswered: answered.has(api.key) })),
    errors,
  ),
  'docs/groups.md': groupsPage({ classic: classicGroupStates, member: memberStates }),
  'docs/transactions.md': transactionsPage(transactionStates),
  'docs/kafka-tools.md': kafkaToolsPage(toolCases),
  'docs/settings.md': settingsPage([
    {
      title: 'Broker settings',
      about:
        'From `--config`, `--override` and the environment; those that change "cluster-wide" or "per-broker" also at run time, with effect at once.',
      settings: asChanged(BROKER_SETTINGS),
      isImplemented: name => isImplemented('broker', name),
    },
    {
      title: 'Topic settings',
      about:
        'Of one topic, from its creation or at run time; what is not set there is taken from the broker.',
      settings: TOPIC_SETTINGS,
      isImplemented: name => isImplemented('topic', name),
    },
    {
      title: 'Group settings',
      about:
        'Of one group, at run time; what is not set there is taken from the broker setting of the same name behind `group.`.',
      settings: GROUP_SETTINGS,
      isImplemented: name => isImplemented('group', name),
    },
    {
      title: 'Client metrics settings',
      about:
        'Of one subscription to the metrics of clients (KIP-714), at run time. They are kept and told; the broker collects no metrics, and does not offer to.',
      settings: CLIENT_METRICS_SETTINGS,
      isImplemented: name => isImplemented('clientMetrics', name),
    },
  ]),
}

/** The broker's settings, with those that Kafka lets anybody change at run time and Varve does not as what they are here. */
function asChanged(settings: typeof BROKER_SETTINGS): Readonly<Record<string, Setting>> {
  return Object.fromEntries(
    Object.entries<Setting>(settings).map(([name, setting]) => [
      name,
      isAlterable(name, setting, 'broker') ? setting : { ...setting, mode: 'read-only' },
    ]),
  )
}

let stale = 0
for (const [path, content] of Object.entries(pages)) {
  const file = join(root, path)
  if (!process.argv.includes('--check')) writeFileSync(file, content)
  else if (read(path) !== content) {
    console.log(`${path} differs from the code: npm run docs`)
    stale += 1
  }
}
console.log(`docs: ${Object.keys(pages).length} pages, ${stale} stale`)
process.exitCode = stale === 0 ? 0 : 1
