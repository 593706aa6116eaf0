/** A command of the comparison, see test/interop/tools. */
export interface ToolRow {
  readonly tool: string
  readonly args: string
  readonly differs?: string
  readonly apart?: string
}

const INTRODUCTION = `# Kafka's command-line tools

<!-- Made by \`npm run docs\` from test/interop/tools. Change that. -->

Kafka's own tools (4.2, from Maven, unmodified) work with a standalone Varve. \`npm run interop -- tools\` runs each command below against a
Kafka of one node and against Varve, in the same order, and compares what they print: ids, times, addresses and folders are replaced,
and everything else has to be the same. Three kinds of commands are compared by less: those that are refused by their exit code and the errors that they
name, for the sentences are our own; those whose lines come in no order as a set; and those that print measurements by their exit code.

A difference has to be argued below, and the run fails when it is gone.`

/** The tools, how many commands of each are compared, and every difference with its reason. */
export function kafkaToolsPage(cases: readonly ToolRow[]): string {
  const tools = [...new Set(cases.map(({ tool }) => tool))].sort()
  const rows = tools.map(tool => {
    const ofTool = cases.filter(one => one.tool === tool)
    const differing = ofTool.filter(isArgued).length
    return `| \`${tool}\` | ${ofTool.length} | ${differing === 0 ? '' : differing} |`
  })
  const reasons = new Map<string, string[]>()
  for (const { tool, args, differs, apart } of cases) {
    const reason = differs ?? apart
    if (reason === undefined) continue
    const command = `\`${`${tool} ${args}`.replace('{at}', '').replace(/ +/g, ' ').trim()}\``
    reasons.set(reason, [...(reasons.get(reason) ?? []), command])
  }
  const differences = [...reasons].map(
    ([reason, commands]) => `- ${reason} Seen with ${[...new Set(commands)].join(', ')}.`,
  )
  return `${[
    INTRODUCTION,
    ['| tool | commands | with a difference |', '|---|---|---|', ...rows].join('\n'),
    '## Differences',
    differences.join('\n'),
    '## What is not in the table',
    NOT_COMPARED,
  ].join('\n\n')}\n`
}

const NOT_COMPARED = `- \`kafka-cluster unregister\` of the node that answers: Kafka forgets it, and it can neither serve nor stop from then on; Varve refuses (INVALID_REQUEST).
- \`kafka-storage\`, \`kafka-metadata-shell\` and \`kafka-dump-log\` read folders, not brokers: see [architecture.md](architecture.md).
- Quotas of clients and SCRAM credentials are kept in the metadata log in Kafka's records and told again, outlive a restart, and are there for a Kafka that takes the folder over. Nobody is slowed down by a quota
  yet, and there is no listener yet that asks for a password.`

function isArgued({ differs, apart }: ToolRow): boolean {
  return differs !== undefined || apart !== undefined
}
