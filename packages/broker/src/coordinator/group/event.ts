import type { ClassicEvent } from './classic/classic-event.ts'
import type { ConsumerEvent } from './consumer/consumer-event.ts'
import type { OffsetsEvent } from './offsets/offsets-event.ts'

/** What timers fire and work results in, for a shard of the group coordinator: decided like a request. */
export type GroupEvent = ClassicEvent | ConsumerEvent | OffsetsEvent
