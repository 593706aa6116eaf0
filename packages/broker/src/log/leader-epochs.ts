/**
 * Which leader epoch began at which offset (KIP-101), and its file `leader-epoch-checkpoint`: text, `0`, the count, then
 * `epoch startOffset` per line, as Kafka writes it. Every batch carries its epoch, so recovery can complete what the file lacks.
 */
export interface LeaderEpochStart {
  readonly epoch: number
  readonly startOffset: number
}

/** The largest epoch not above the one that was asked for, and the offset where it ended. -1 and -1: not known. */
export interface EpochEnd {
  readonly leaderEpoch: number
  readonly endOffset: number
}

const UNKNOWN: EpochEnd = { leaderEpoch: -1, endOffset: -1 }

export class LeaderEpochs {
  #starts: LeaderEpochStart[] = []
  /** Grows with each change: whoever writes the file compares it. */
  #revision = 0

  get revision(): number {
    return this.#revision
  }

  get starts(): readonly LeaderEpochStart[] {
    return this.#starts
  }

  get latest(): number {
    return this.#starts.at(-1)?.epoch ?? -1
  }

  /** Says that `epoch` begins at `startOffset`; nothing when it, or a later one, has begun already. An epoch without a record gives way. */
  assign(epoch: number, startOffset: number): void {
    if (epoch < 0 || epoch <= this.latest) return
    while (
      this.#starts.length > 0 &&
      (this.#starts.at(-1) as LeaderEpochStart).startOffset >= startOffset
    )
      this.#starts.pop()
    this.#starts.push({ epoch, startOffset })
    this.#revision++
  }

  /** The epoch under which the record at `offset` was written; -1 when it is not known. */
  epochOf(offset: number): number {
    let epoch = -1
    for (const start of this.#starts) {
      if (start.startOffset > offset) break
      epoch = start.epoch
    }
    return epoch
  }

  endOf(requestedEpoch: number, logEndOffset: number): EpochEnd {
    if (requestedEpoch < 0) return UNKNOWN
    if (requestedEpoch === this.latest)
      return { leaderEpoch: requestedEpoch, endOffset: logEndOffset }
    const higher = this.#starts.findIndex(start => start.epoch > requestedEpoch)
    if (higher < 0) return UNKNOWN
    const endOffset = (this.#starts[higher] as LeaderEpochStart).startOffset
    return { leaderEpoch: this.#starts[higher - 1]?.epoch ?? requestedEpoch, endOffset }
  }

  /** Forgets epochs that begin at or after the log's end, after a cut. */
  truncateFromEnd(endOffset: number): void {
    const kept = this.#starts.filter(start => start.startOffset < endOffset)
    if (kept.length === this.#starts.length) return
    this.#starts = kept
    this.#revision++
  }

  /** Forgets epochs that ended before the log's start; the one that covers it then begins there. */
  truncateFromStart(startOffset: number): void {
    const covering = this.#starts.findLastIndex(start => start.startOffset <= startOffset)
    if (covering < 0 || (covering === 0 && this.#starts[0]?.startOffset === startOffset)) return
    const { epoch } = this.#starts[covering] as LeaderEpochStart
    this.#starts = [{ epoch, startOffset }, ...this.#starts.slice(covering + 1)]
    this.#revision++
  }

  encode(): Buffer {
    const lines = this.#starts.map(({ epoch, startOffset }) => `${epoch} ${startOffset}\n`)
    return Buffer.from(`0\n${lines.length}\n${lines.join('')}`)
  }

  /** Takes the file's content as revision 0; false when it makes no sense, and then nothing is known. */
  load(content: Buffer): boolean {
    const [version, count, ...rest] = content.toString('latin1').split('\n')
    const starts = rest.filter(line => line !== '').map(parseStart)
    this.#starts = []
    if (
      version !== '0' ||
      Number(count) !== starts.length ||
      starts.some(start => start === undefined)
    )
      return false
    for (const start of starts) if (start !== undefined) this.assign(start.epoch, start.startOffset)
    this.#revision = 0
    return true
  }
}

function parseStart(line: string): LeaderEpochStart | undefined {
  const match = /^(\d+) (\d+)$/.exec(line)
  return match === null ? undefined : { epoch: Number(match[1]), startOffset: Number(match[2]) }
}
