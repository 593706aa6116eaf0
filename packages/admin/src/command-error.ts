/** The command was understood but refused, or it failed: exit code 1. The message is the sentence that the user sees. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}

/** The command was not understood: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Standard output was closed by its reader, as `head` does: nothing is wrong, and nothing more is to be done. */
export class OutputClosedError extends Error {
  override readonly name = 'OutputClosedError'
}
