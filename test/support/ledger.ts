/** A coordinator of the simplest kind, for tests of the runtime: a table of words that is written, waited for, and counted. */
import type { ErrorName } from '@varve/protocol'
import type { Question } from '../../packages/broker/src/coordinator/runtime/coordinator-runtime.ts'
import {
  answer,
  type Decision,
  type Ticket,
} from '../../packages/broker/src/coordinator/runtime/decision.ts'
import type { Moment } from '../../packages/broker/src/coordinator/runtime/moment.ts'
import type { ShardLogic } from '../../packages/broker/src/coordinator/runtime/shard-logic.ts'

export interface LedgerState {
  readonly words: Map<string, string>
  /** Who waits for a word to be written. */
  readonly waiting: Map<string, Ticket<LedgerAnswer>[]>
}

/** An error's name or a value. */
export type LedgerAnswer = string

export type LedgerChange =
  | { readonly type: 'write'; readonly word: string; readonly value: string | null }
  | { readonly type: 'wait'; readonly word: string; readonly ticket: Ticket<LedgerAnswer> }

/** Writes the value under the word when it fires. */
export interface LedgerEvent {
  readonly word: string
  readonly value: string
}

export interface LedgerRules {
  readonly greeting: string
}

/** What a ledger has done outside, in a word. */
export type LedgerErrand = string

export type LedgerDecision = Decision<LedgerChange, LedgerEvent, LedgerErrand>
export type LedgerQuestion = Question<
  LedgerState,
  LedgerChange,
  LedgerEvent,
  LedgerRules,
  LedgerAnswer,
  LedgerErrand
>

/** What a write comes to: whoever waited for the word is answered with it. */
export function written(state: LedgerState, { word, value }: LedgerEvent): LedgerDecision {
  const waiting = state.waiting.get(word) ?? []
  return {
    changes: [{ type: 'write', word, value }],
    answers: waiting.map(ticket => answer(ticket, value)),
  }
}

export const ledgerLogic: ShardLogic<
  LedgerState,
  LedgerChange,
  LedgerEvent,
  LedgerRules,
  LedgerErrand
> = {
  emptyState: () => ({ words: new Map(), waiting: new Map() }),
  encode: change => {
    if (change.type === 'wait') return undefined
    const { word, value } = change
    return { key: Buffer.from(word), value: value === null ? null : Buffer.from(value) }
  },
  decode: ({ key, value }) =>
    Buffer.from(key).toString() === 'from the future'
      ? undefined
      : {
          type: 'write',
          word: Buffer.from(key).toString(),
          value: value === null ? null : Buffer.from(value).toString(),
        },
  apply: (state, change) => {
    const { word } = change
    if (change.type === 'wait') {
      state.waiting.set(word, [...(state.waiting.get(word) ?? []), change.ticket])
      return
    }
    state.waiting.delete(word)
    if (change.value === null) state.words.delete(word)
    else state.words.set(word, change.value)
  },
  loaded: state =>
    state.words.has('wake') ? { timers: [{ set: 'wake', atMs: 0, event: WOKEN }] } : {},
  fired: written,
  metadataChanged: (state, previous, moment) =>
    written(state, {
      word: 'topics',
      value: `${previous.topics.byId.size} to ${moment.image.topics.byId.size}`,
    }),
}

const WOKEN: LedgerEvent = { word: 'woken', value: 'yes' }

const refuse = (error: ErrorName): LedgerAnswer => error

/** Writes, and answers with the value before. */
export const write = (word: string, value: string | null): LedgerQuestion => ({
  refuse,
  decide: (state, ticket) => {
    const waiting = value === null ? [] : (state.waiting.get(word) ?? [])
    return {
      changes: [{ type: 'write', word, value }],
      answers: [
        answer(ticket, state.words.get(word) ?? 'nothing'),
        ...waiting.map(waiter => answer(waiter, value ?? '')),
      ],
    }
  },
})

/** Answers with the value, without writing anything. */
export const read = (word: string): LedgerQuestion => ({
  refuse,
  decide: (state, ticket) => ({ answers: [answer(ticket, state.words.get(word) ?? 'nothing')] }),
})

/** Is answered when somebody writes the word. */
export const waitFor = (word: string): LedgerQuestion => ({
  refuse,
  decide: (_, ticket) => ({ changes: [{ type: 'wait', word, ticket }] }),
})

/** Whatever the test decides. */
export const decideAs = (
  decide: (
    state: LedgerState,
    ticket: Ticket<LedgerAnswer>,
    moment: Moment<LedgerRules>,
  ) => LedgerDecision,
): LedgerQuestion => ({ refuse, decide })
