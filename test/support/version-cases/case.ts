/** A request that every version of an API must be able to answer with content, and what the answer has to say. */
import { type Api, errorName, type RequestInput, type ResponseOf } from '@varve/protocol'
import { expect } from 'vitest'

/** What a case finds in the broker that it asks. */
export interface At<A extends Api> {
  readonly version: number
  readonly ask: (request: RequestInput<A>) => Promise<ResponseOf<A>>
  /** Asks for something else, to prepare the case or to see what came of it. */
  readonly also: <B extends Api>(
    api: B,
    version: number,
    request: RequestInput<B>,
  ) => Promise<ResponseOf<B>>
  /** Sends without waiting: for what has no answer. */
  readonly tell: (request: RequestInput<A>) => void
  /** Makes a topic of this case alone, with three records: 0, 1 and 2. */
  readonly newTopic: (configs?: {
    readonly [name: string]: string
  }) => Promise<{ readonly name: string; readonly topicId: string }>
  /** Written before the broker crashed: epoch 0 holds offsets 0 to 2, epoch 1 the rest. */
  readonly orders: { readonly name: string; readonly topicId: string }
  /** Only records with a key are taken. */
  readonly users: { readonly name: string; readonly topicId: string }
  /** A name that nothing has yet. */
  readonly newName: () => string
  /** Denies what the predicate says (`Read Topic orders`) until the case ends. */
  readonly deny: (isDenied: (action: string) => boolean) => void
  /** Makes the disk refuse to say how much room it has until the case ends. */
  readonly breakSpace: () => void
}

export interface VersionCase {
  readonly api: Api
  readonly title: string
  readonly since: number
  readonly until: number
  run(at: At<Api>): Promise<void>
}

type Run<A extends Api> = (at: At<A>) => Promise<void>
type Ranged<A extends Api> = { readonly since?: number; readonly until?: number; run: Run<A> }

/** The cases of one API; without a range they are for all its versions. */
export function casesOf<A extends Api>(
  api: A,
  cases: { readonly [title: string]: Run<A> | Ranged<A> },
): VersionCase[] {
  return Object.entries(cases).map(([title, given]) => {
    const { since, until, run } = typeof given === 'function' ? { run: given } : given
    return {
      ...{ api, title, since: since ?? api.versions[0], until: until ?? api.versions[1] },
      run: run as unknown as VersionCase['run'],
    }
  })
}

/** Fails unless the code is the one of this error. */
export function expectError(code: number | undefined, name: string): void {
  expect(errorName(code ?? -1)).toBe(name)
}

/** The first item, which there must be. */
export function first<T>(items: readonly T[] | null | undefined): T {
  const item = items?.[0]
  if (item === undefined) throw new Error('the answer is empty')
  return item
}
