/** The pages of the documentation that mirror tables in the code, as text. */

export interface ApiRow {
  readonly key: number
  readonly name: string
  readonly versions: readonly [first: number, last: number]
  readonly flexible: number | undefined
  /** Whether the broker has a handler for it; else the codecs alone know it. */
  readonly isAnswered: boolean
}

export interface ErrorRow {
  readonly code: number
  readonly retriable: boolean
  readonly about: string
}

export interface SettingRow {
  readonly type: string
  readonly default: string | null
  readonly valid: string
  readonly mode: string
  readonly about: string
}

export interface SettingsSection {
  readonly title: string
  readonly about: string
  readonly settings: Readonly<Record<string, SettingRow>>
  readonly isImplemented: (name: string) => boolean
}

export interface StateRow {
  readonly about: string
  readonly next: readonly string[]
  /** How the log numbers it, where it does. */
  readonly code?: number
}

export interface TransactionStateRow extends StateRow {
  readonly status: number
}

export interface GroupStates {
  readonly classic: Readonly<Record<string, StateRow>>
  readonly member: Readonly<Record<string, StateRow>>
}

const MADE = '<!-- Made by `npm run docs` from the tables in the code. Change those. -->'

/** Which APIs the codecs know in which versions, which of them the broker answers, and the errors it can name. */
export function protocolPage(
  apis: readonly ApiRow[],
  errors: Readonly<Record<string, ErrorRow>>,
): string {
  const apiRows = apis
    .toSorted((a, b) => a.key - b.key)
    .map(({ key, name, versions, flexible, isAnswered }) => [
      String(key),
      name,
      versions[0] === versions[1] ? String(versions[0]) : `${versions[0]} to ${versions[1]}`,
      flexible === undefined ? 'never' : String(flexible),
      isAnswered ? 'yes' : '',
    ])
  const errorRows = Object.entries(errors)
    .toSorted(([, a], [, b]) => a.code - b.code)
    .map(([name, { code, retriable, about }]) => [
      String(code),
      name,
      retriable ? 'yes' : '',
      about,
    ])
  return page([
    '# Protocol',
    MADE,
    'Every API of Kafka 4.2 for clients and admin tools, as the codecs of `@varve/protocol` know it. The broker answers those marked so, and says so in ApiVersions; another API, or another version, closes the connection, except ApiVersions itself, which says what there is.',
    '## APIs',
    table(['key', 'name', 'versions', 'flexible from', 'answered'], apiRows),
    '## Errors',
    table(['code', 'name', 'retriable', 'meaning'], errorRows),
  ])
}

/** Every setting that is known, with what it does here. */
export function settingsPage(sections: readonly SettingsSection[]): string {
  return page([
    '# Settings',
    MADE,
    'Names and defaults are Kafka\'s, and those at the end of each table with no counterpart there are our own. A setting marked "accepted" is known and has no effect; setting it logs one warning.',
    ...sections.flatMap(({ title, about, settings, isImplemented }) => [
      `## ${title}`,
      about,
      table(
        ['name', 'type', 'default', 'valid', 'changes', 'effect', 'about'],
        Object.entries(settings).map(([name, row]) => [
          `\`${name}\``,
          row.type.toLowerCase(),
          standing(row.default),
          row.valid,
          row.mode,
          isImplemented(name) ? 'yes' : 'accepted',
          row.about,
        ]),
      ),
    ]),
  ])
}

/** The states of groups, as the coordinator decides by them. */
export function groupsPage({ classic, member }: GroupStates): string {
  const ways = ({ next }: StateRow): string => next.join(', ')
  return page([
    '# Groups',
    MADE,
    'How a group of consumers moves. The broker asserts the first table with every change of a group.',
    '## Classic groups',
    'Members join and sync in rounds; each round is a generation. A group of several changes in one decision passes through every state on the way. Only Empty and Stable lie in the log: after a restart a group is one of them.',
    table(
      ['state', 'meaning', 'may become'],
      Object.entries(classic).map(([name, row]) => [name, row.about, ways(row)]),
    ),
    '## Members of consumer groups (KIP-848)',
    'The coordinator assigns, and each member moves towards its target at its own pace: it gives up first, and takes what others have given up. A member that leaves or is fenced is gone from any state.',
    table(
      ['state', 'in the log', 'meaning', 'may become'],
      Object.entries(member).map(([name, row]) => [name, `${row.code}`, row.about, ways(row)]),
    ),
  ])
}

export function transactionsPage(states: Readonly<Record<string, TransactionStateRow>>): string {
  return page([
    '# Transactions',
    MADE,
    'How a transactional id moves. The broker asserts the table with every change. All states lie in the log: after a restart a prepared transaction is completed, and one that is ongoing has what is left of its time.',
    table(
      ['state', 'in the log', 'meaning', 'may become'],
      Object.entries(states).map(([name, { status, about, next }]) => [
        name,
        `${status}`,
        about,
        next.join(', '),
      ]),
    ),
  ])
}

/** Empty: there is none; a default that is the empty text is said to be so. */
function standing(text: string | null): string {
  if (text === null) return ''
  return text === '' ? 'the empty text' : `\`${text}\``
}

const page = (parts: readonly string[]): string => `${parts.join('\n\n')}\n`

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(' | ')} |`
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')
}

function escaped(cell: string): string {
  const line = cell.replaceAll('|', '\\|').replaceAll('\n', ' ')
  // Code is taken as it stands.
  return line.startsWith('`') ? line : line.replaceAll('<', '&lt;')
}
