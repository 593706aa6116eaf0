/** What timers and work of consumer groups result in. */
export type ConsumerEvent = never
