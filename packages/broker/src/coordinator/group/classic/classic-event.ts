/** What timers of classic groups fire. */
export type ClassicEvent =
  /** Nothing was heard of a member, or of somebody who was given a member id, for its session timeout. */
  | {
      readonly type: 'classic-session-expired'
      readonly groupId: string
      readonly memberId: string
    }
  /** The members had their time to join. `generationId` is the one before the round. */
  | {
      readonly type: 'classic-join-expired'
      readonly groupId: string
      readonly generationId: number
    }
  | {
      readonly type: 'classic-sync-expired'
      readonly groupId: string
      readonly generationId: number
    }
