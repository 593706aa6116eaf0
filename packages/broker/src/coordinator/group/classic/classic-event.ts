/** What timers of classic groups fire. */
export type ClassicEvent = never
