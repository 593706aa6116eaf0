import type { ErrorName } from '@varve/protocol'
import type { Decision, Ticket } from './decision.ts'
import type { Moment } from './moment.ts'

/** A request to a coordinator: a pure decision, and how an error of the coordinator itself is said in this API's response. */
export interface Question<State, Change, Event, Rules, Response, Errand = never> {
  /**
   * Decides from the state as it is now. Called in the very call of `ask` when the shard is there; called again from the start, with
   * the same ticket, if the shard's folder has to be made before the first append.
   */
  readonly decide: (
    state: State,
    ticket: Ticket<Response>,
    moment: Moment<Rules>,
  ) => Decision<Change, Event, Errand>
  /** `NOT_COORDINATOR`, `COORDINATOR_LOAD_IN_PROGRESS`, `COORDINATOR_NOT_AVAILABLE`, or why the log refused the records. Nothing has changed then, or what has is unknown. */
  readonly refuse: (error: ErrorName) => Response
}

/** One kind of coordinator on this broker, whatever its state: what handlers ask. */
export interface CoordinatorRuntime<State, Change, Event, Rules, Errand = never> {
  /** Asks the shard that `key` (a group id, a transactional id) belongs to. Resolves with the response once it may leave; never rejects. */
  ask<Response>(
    key: string,
    question: Question<State, Change, Event, Rules, Response, Errand>,
  ): Promise<Response>
  /** Asks every shard of this broker; one response for each, in no order. A broker that has no shard yet resolves with none. */
  askAll<Response>(
    question: Question<State, Change, Event, Rules, Response, Errand>,
  ): Promise<readonly Response[]>
  /**
   * For each key the id of the broker that has its shard, or why there is none now. Makes the internal topic if it is not there yet,
   * within the call.
   */
  leadersOf(keys: readonly string[]): Promise<readonly (number | ErrorName)[]>
}
