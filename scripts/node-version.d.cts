/** Why Varve cannot run on this version of Node, in one sentence; undefined when it can. */
export function complaintAbout(version: string): string | undefined
/** Says so and ends the process when the Node that runs it is too old. */
export function demandNode(): void
