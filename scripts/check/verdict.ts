/** What is left of a check that ran. */
export interface Ran {
  /** Null: it was killed, or never began. */
  readonly exitCode: number | null
  readonly output: string
  readonly looked: number
}

export interface Verdict {
  readonly passed: boolean
  readonly says: string
}

/** A check passes when it ended well and had looked at something: a green that checked nothing is the worst red. */
export function verdict({ exitCode, looked }: Ran): Verdict {
  if (exitCode === null) return { passed: false, says: 'did not run' }
  if (exitCode !== 0) return { passed: false, says: `ended with ${exitCode}` }
  if (!(looked > 0)) return { passed: false, says: 'looked at nothing, which is no pass' }
  return { passed: true, says: looked === 1 ? '' : `${looked} looked at` }
}
