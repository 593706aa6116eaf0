import type { Ticket } from '../runtime/decision.ts'

/** A request to the group coordinator, with what a decision needs to know of who asks. */
export interface GroupRequest<Request, Response> {
  readonly request: Request
  readonly apiVersion: number
  readonly clientId: string
  /** The peer's address in Kafka's form: `/127.0.0.1`. */
  readonly clientHost: string
  /** A new uuid, should the decision need one: decisions draw no lots. */
  readonly freshId: string
  readonly ticket: Ticket<Response>
}
