/** Redis' answers as they come in, in pieces: short strings are handed out, long ones are skipped, and the end of each answer is told. */
import type { Buffer } from 'node:buffer'

/** What is longer is a record's value. */
const KEPT_BYTES = 40
const NEW_LINE = 0x0a
const TERMINATOR_BYTES = 2

export interface RespEvents {
  /** A string within an answer: its place, and its text where it is short. */
  readonly onString: (place: number, text: string | undefined) => void
  readonly onAnswer: () => void
}

export class RespReader {
  readonly #events: RespEvents
  /** How many elements each open array still lacks. */
  readonly #lacking: number[] = []
  #line = ''
  #skip = 0
  #text: string | undefined
  #isInString = false
  #place = 0

  constructor(events: RespEvents) {
    this.#events = events
  }

  take(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length)
      at = this.#isInString ? this.#string(chunk, at) : this.#head(chunk, at)
  }

  #string(chunk: Buffer, at: number): number {
    const taken = Math.min(this.#skip, chunk.length - at)
    if (this.#text !== undefined) this.#text += chunk.toString('latin1', at, at + taken)
    this.#skip -= taken
    if (this.#skip === 0) {
      this.#isInString = false
      this.#events.onString(this.#place, this.#text?.slice(0, -TERMINATOR_BYTES))
      this.#place += 1
      this.#elementDone()
    }
    return at + taken
  }

  #head(chunk: Buffer, at: number): number {
    const end = chunk.indexOf(NEW_LINE, at)
    this.#line += chunk.toString('latin1', at, end < 0 ? chunk.length : end)
    if (end < 0) return chunk.length
    const line = this.#line.trimEnd()
    this.#line = ''
    this.#take(line)
    return end + 1
  }

  #take(line: string): void {
    const count = Number(line.slice(1))
    if (line.startsWith('-')) throw new Error(`Redis answered ${line}`)
    if (line.startsWith('$') && count >= 0) {
      this.#isInString = true
      this.#skip = count + TERMINATOR_BYTES
      this.#text = count <= KEPT_BYTES ? '' : undefined
    } else if (line.startsWith('*') && count > 0) this.#lacking.push(count)
    else this.#elementDone()
  }

  #elementDone(): void {
    while (this.#lacking.length > 0) {
      const left = (this.#lacking.pop() ?? 0) - 1
      if (left > 0) {
        this.#lacking.push(left)
        return
      }
    }
    this.#place = 0
    this.#events.onAnswer()
  }
}
