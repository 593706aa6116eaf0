/** Soft changes of consumer groups. */
export type ConsumerChange = never
