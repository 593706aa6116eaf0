import type { ConnectionInfo, Operation, ResourceType } from '../handlers/handler.ts'

/** Decides who may do what. Every handler asks, through its context. */
export interface Authorizer {
  authorize(connection: ConnectionInfo, action: Action): boolean
}

export interface Action {
  readonly operation: Operation
  readonly resourceType: ResourceType
  readonly resourceName: string
}

/** What Kafka does without `authorizer.class.name`. */
export const allowAll: Authorizer = { authorize: () => true }
