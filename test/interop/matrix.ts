import type { Peer } from './peer.ts'
import type { Outcome } from './run.ts'

/** What a client is asked to do: the columns of the matrix. Compressions are those of its producer. */
export const THINGS = [
  'produce',
  'consume',
  'gzip',
  'snappy',
  'lz4',
  'zstd',
  'groups',
  'transactions',
  'admin',
] as const
export type Thing = (typeof THINGS)[number]

/** How one client did one thing. */
export interface Cell {
  passed: number
  readonly problems: string[]
}

/** Cells by client and thing. */
export type Cells = Readonly<Record<string, Cell>>

/** How much of a reason a note repeats. */
const REASON_MAX = 200

/** What each client did against our broker, as a table. */
export class Matrix {
  readonly #peers: readonly Peer[]
  readonly #cells: Map<string, Cell>
  /** Those of this run. */
  readonly #tried = new Set<string>()

  /** `before` is what earlier runs saw: it stands where this one does not try. */
  constructor(peers: readonly Peer[], before: Cells) {
    this.#peers = peers
    this.#cells = new Map(Object.entries(before))
  }

  get cells(): Cells {
    return Object.fromEntries(this.#cells)
  }

  /** An outcome that is of no thing stands in no cell. */
  take({ peer, says, problem, things = [] }: Outcome): void {
    for (const thing of things) {
      const key = `${peer.replace(/^groups of /, '')}/${thing}`
      const known = this.#tried.has(key) ? this.#cells.get(key) : undefined
      const cell = known ?? { passed: 0, problems: [] }
      this.#tried.add(key)
      this.#cells.set(key, cell)
      if (problem === undefined) cell.passed += 1
      else cell.problems.push(`${says}: ${problem}`)
    }
  }

  /** Markdown: the table, then why a cell is not `yes`. */
  toString(): string {
    const notes: string[] = []
    const rows = this.#peers.map(peer => {
      const cells = THINGS.map(thing => this.#verdict(peer, thing, notes))
      return `| ${[peer.name, peer.version ?? '', ...cells].join(' | ')} |`
    })
    const lines = [
      `| ${['client', 'version', ...THINGS].join(' | ')} |`,
      `|${'---|'.repeat(THINGS.length + 2)}`,
      ...rows,
    ]
    const legend = notes.map((note, place) => `${place + 1}. ${note}`)
    return [...lines, ...(legend.length > 0 ? ['', ...legend] : [])].join('\n')
  }

  #verdict(peer: Peer, thing: Thing, notes: string[]): string {
    const noted = (verdict: string, why: string): string => {
      const note = `${peer.name}, ${thing}: ${why}`
      notes.push(note)
      return `${verdict} (${notes.length})`
    }
    const cell = this.#cells.get(`${peer.name}/${thing}`)
    const [problem] = cell?.problems ?? []
    if (problem !== undefined) return noted('no', problem.slice(0, REASON_MAX))
    if (cell !== undefined) {
      const unread = thing === 'consume' ? Object.values(peer.unread ?? {}) : []
      return unread.length > 0 ? noted('yes', unread.join('; ')) : 'yes'
    }
    const why = peer.without?.[thing]
    return why === undefined ? '' : noted('n/a', why)
  }
}
