/** Soft changes of classic groups: what a rebalance that is not over knows. */
export type ClassicChange = never
