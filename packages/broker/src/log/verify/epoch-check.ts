/** Holds `leader-epoch-checkpoint` against the epochs that the batches carry. */
import type { RecordBatch } from '@varve/protocol'
import type { Disk } from '../../world.ts'
import { LeaderEpochs } from '../leader-epochs.ts'
import { LEADER_EPOCHS_FILE } from '../log-caches.ts'

export class EpochCheck {
  readonly #epochs: LeaderEpochs
  readonly #state: 'read' | 'missing' | 'senseless'
  readonly #startOffset: number
  #flaw: string | undefined

  constructor(epochs: LeaderEpochs, state: 'read' | 'missing' | 'senseless', startOffset: number) {
    this.#epochs = epochs
    this.#state = state
    this.#startOffset = startOffset
  }

  static async open(disk: Disk, directory: string, startOffset: number): Promise<EpochCheck> {
    const epochs = new LeaderEpochs()
    const content = await disk.readFile(`${directory}/${LEADER_EPOCHS_FILE}`)
    if (content === undefined) return new EpochCheck(epochs, 'missing', startOffset)
    return new EpochCheck(epochs, epochs.load(content) ? 'read' : 'senseless', startOffset)
  }

  /** Of a batch that the file has to know. Below its start the log has forgotten epochs, though the first segment may still hold them. */
  pass({ baseOffset, partitionLeaderEpoch }: RecordBatch): void {
    if (this.#state !== 'read' || partitionLeaderEpoch < 0 || baseOffset < this.#startOffset) return
    const epoch = this.#epochs.epochOf(baseOffset)
    if (epoch !== partitionLeaderEpoch)
      this.#flaw ??= `It says that offset ${baseOffset} was written under leader epoch ${epoch}; its record batch says ${partitionLeaderEpoch}.`
  }

  /** What is wrong with the file, the log ending there. */
  flawAt(endOffset: number, lastStop: 'clean' | 'unclean'): string | undefined {
    if (this.#state === 'senseless') return 'It cannot be read.'
    if (this.#state === 'missing')
      return lastStop === 'clean' && endOffset > 0 ? 'It is not there.' : undefined
    const last = this.#epochs.starts.at(-1)
    if (last !== undefined && last.startOffset > endOffset && lastStop === 'clean')
      return `It says that leader epoch ${last.epoch} began at offset ${last.startOffset}, and the log ends at ${endOffset}.`
    return this.#flaw
  }
}
