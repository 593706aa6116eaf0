import type { ToolCase } from './tool-case.ts'
import type { ToolResult } from './tool-host.ts'

export interface Side {
  readonly bootstrap: string
  /** The data folder. */
  readonly folder: string
}

/** What a tool said, as far as the case compares it: the same for two brokers that behave the same. */
export function normalised(result: ToolResult, side: Side, of: ToolCase): string {
  const { compares = 'lines', without, hides } = of
  const code = `exit ${result.code}`
  if (compares === 'end') return code
  if (compares === 'errors') return [code, ...errorsIn(result.output)].join('\n')
  const text = replaced(result.output, side)
  const lines = (hides === undefined ? text : text.replaceAll(hides, '*'))
    .split('\n')
    .map(line => line.trimEnd())
    .filter(line => line !== '' && !isStackTrace(line) && without?.test(line) !== true)
  return [code, ...(compares === 'set' ? lines.sort() : lines)].join('\n')
}

function isStackTrace(line: string): boolean {
  return /^\s+at |^\s+\.\.\. \d+ more/.test(line)
}

/** The names of the errors, each once. */
function errorsIn(output: string): string[] {
  const names = output.match(/\b(?:[a-z0-9]+\.)+[A-Z]\w*(?:Exception|Error)\b/g) ?? []
  // What wraps an error says nothing about it.
  const wrappers = /ExecutionException|CompletionException|InvocationTarget|RuntimeException/
  return [...new Set(names)].filter(name => !wrappers.test(name)).sort()
}

const replacements: readonly (readonly [RegExp, string])[] = [
  // Times, as milliseconds and as text.
  [/\b1[78]\d{11}\b/g, '<ms>'],
  [/\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d([.:,]\d{3})?/g, '<time>'],
  [/\b[\w-]{21}[AEIMQUYcgkosw048]\b(?![\w(-])/g, '<id>'],
  [/\bconsole-consumer-\d+/g, '<group>'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '<uuid>'],
  // Columns are as wide as what stands in them.
  [/ {2,}|\t+/g, ' '],
]

function replaced(output: string, side: Side): string {
  const [host = '', port = ''] = side.bootstrap.split(':')
  let text = output.replaceAll(side.folder, '<folder>').replaceAll(side.bootstrap, '<broker>')
  text = text.replaceAll(host, '<host>').replaceAll(new RegExp(`\\b${port}\\b`, 'g'), '<port>')
  for (const [pattern, name] of replacements) text = text.replaceAll(pattern, name)
  return text
}
