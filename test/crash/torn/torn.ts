/**
 * `npm run prove -- torn`: the exhaustive test of what a crash, a bad disk or a bad hand can leave of a log and of a journal. Every case is
 * counted and printed by what came of it; so are the bytes that no checksum covers. A round is the whole.
 */
import { damageEveryByte } from './every-byte.ts'
import { damageTheJournal } from './every-journal-byte.ts'
import { crashAtEveryOperation } from './every-operation.ts'

export interface TornOptions {
  readonly rounds: number
  readonly log: (line: string) => void
}

/** Throws at the first case of which something else comes than has to. */
export async function prove({ rounds, log }: TornOptions): Promise<object> {
  let cases = 0
  for (let round = 0; round < rounds; round++) {
    cases += await tryAll({ step: 1, log })
  }
  log(`${cases} cases`)
  return {}
}

/** With a step of more than one, a part of them. */
export async function tryAll(options: {
  readonly step: number
  readonly log: (line: string) => void
}): Promise<number> {
  let cases = 0
  for (const kind of ['relaxed', 'journaled', 'carried'] as const)
    cases += await damageEveryByte(kind, options)
  cases += await damageTheJournal(options)
  return cases + (await crashAtEveryOperation(options))
}
