/** What a walk found to be otherwise than it has to be. */
export class Broken extends Error {
  override readonly name = 'Broken'
}

/** Says which law does not hold. Outside of vitest as well, where nothing prints a difference: so the text says it. */
export function holds(condition: boolean, law: string, about: () => string = () => ''): void {
  if (condition) return
  throw new Broken(`${law}${about() === '' ? '' : `: ${about()}`}`)
}
